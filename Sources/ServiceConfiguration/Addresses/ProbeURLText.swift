import Addresses

/// Reads the URLs of checks over HTTP; the texts of their problems never contain any of it.
enum ProbeURLText {
    /// Longer than the path of any health check; it is sent again and again.
    private static let pathLimit = 2048

    /// What is wrong with a URL: a whole message.
    struct Problem: Error {
        var message: String
    }

    static func parsed(_ text: String) throws(Problem) -> ProbeURL {
        guard let separator = text.firstRange(of: "://"), text[..<separator.lowerBound].lowercased() == "http" else {
            throw Problem(message: "cannot use this as the URL of a check: write it as `http://HOST:PORT/PATH`")
        }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw Problem(message: "cannot send a credential with a check: remove everything before the host")
        }
        let (host, port) = try hostAndPort(String(authority))
        return ProbeURL(host: host, port: port, path: try path(rest[authority.endIndex...]))
    }

    private static func hostAndPort(_ authority: String) throws(Problem) -> (String, UInt16) {
        let hasPort = authority.hasPrefix("[") ? authority.contains("]:") : authority.contains(":")
        switch AddressText.hostAndPort(hasPort ? authority : authority + ":80", lowestPort: 1) {
        case .failure(let problem):
            throw Problem(message: "cannot find host and port in the URL of a check: \(problem.advice)")
        case .success(let (host, port)):
            guard AddressText.isHost(host) else {
                let advice = "write a name, an IPv4 address or an IPv6 address in brackets"
                throw Problem(message: "cannot use the host in the URL of a check: \(advice)")
            }
            return (host, port)
        }
    }

    /// Path and query; what could end the request line, or is no part of a path, is refused.
    private static func path(_ text: Substring) throws(Problem) -> String {
        guard !text.contains("#") else {
            throw Problem(message: "cannot send a fragment with a check: remove everything from the `#` on")
        }
        guard text.utf8.count <= pathLimit else {
            throw Problem(message: "cannot use a path of over \(pathLimit) bytes in the URL of a check: shorten it")
        }
        guard text.utf8.allSatisfy(isAllowed), hasWholeEscapes(text) else {
            let advice = "write spaces and other special characters as `%20` and the like"
            throw Problem(message: "cannot use the path in the URL of a check: \(advice)")
        }
        return text.hasPrefix("/") ? String(text) : "/" + text
    }

    /// The characters of RFC 3986 for a path with a query.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case _: "-._~!$&'()*+,;=:@/?%".utf8.contains(byte)
        }
    }

    private static func hasWholeEscapes(_ text: Substring) -> Bool {
        text.split(separator: "%", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            part.count >= 2 && part.prefix(2).allSatisfy(\.isHexDigit)
        }
    }
}
