import Addresses

/// Reads the texts of addresses.
enum AddressText {
    /// `sun_path` has 108 bytes, the last one is NUL.
    private static let unixPathLimit = 107

    /// Why a text is no address: the end of a message that began with "cannot listen on ...:".
    struct Problem: Error {
        var advice: String
    }

    static func listenAddress(_ text: String) -> Result<ListenAddress, Problem> {
        if text.hasPrefix("unix:") {
            return unixPath(text.dropFirst(5)).map { .unix(path: $0) }
        }
        if text.hasPrefix("udp:"), !text.hasPrefix("udp://") {
            let rest = String(text.dropFirst(4))
            if rest.lowercased().hasPrefix("unix:") {
                return .failure(Problem(advice: "datagrams come by UDP only; write `udp:HOST:PORT`"))
            }
            return boundAddress(rest).map { .udp($0.host, port: $0.port) }
        }
        if let advice = protocolAdvice(text, allowed: ["unix", "udp"]) { return .failure(Problem(advice: advice)) }
        return boundAddress(text).map { .tcp($0.host, port: $0.port) }
    }

    /// An address of this machine with a port, of which the kernel chooses 0.
    private static func boundAddress(_ text: String) -> Result<(host: IPAddress, port: UInt16), Problem> {
        hostAndPort(text, lowestPort: 0).flatMap { host, port in
            if host == "localhost" { return .success((.v4(0x7f00_0001), port)) }
            guard let address = IPAddress(host) else {
                let advice =
                    host.isEmpty || host == "*"
                    ? "write `0.0.0.0` or `[::]` for every address"
                    : "the host must be an IPv4 address, an IPv6 address in brackets or `localhost`"
                return .failure(Problem(advice: advice))
            }
            guard !isMapped(address) else {
                let advice =
                    "an IPv6 socket accepts no IPv4 here; write the IPv4 address itself, as in `127.0.0.1:8080`"
                return .failure(Problem(advice: advice))
            }
            return .success((address, port))
        }
    }

    /// What to write in place of a text that starts with the name of a protocol; nil for any other text.
    ///
    /// With one colon only, the word may be the name of a host.
    private static func protocolAdvice(_ text: String, allowed: [String]) -> String? {
        if text.contains("://") { return "write HOST:PORT instead of a URL" }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        let word = text[..<colon].lowercased()
        guard ["tcp", "udp", "unix"].contains(word), rest.contains(":") || rest.hasPrefix("/") else { return nil }
        if allowed.contains(word) { return "write `\(word):` in small letters" }
        return word == "udp"
            ? "write HOST:PORT alone: what comes in as datagrams goes out as datagrams"
            : "write HOST:PORT alone, which means TCP"
    }

    /// True for `::ffff:a.b.c.d`, which a socket for IPv6 only cannot be bound to.
    private static func isMapped(_ address: IPAddress) -> Bool {
        switch address {
        case .v4: false
        case .v6(let groups): groups.starts(with: [0, 0, 0, 0, 0, 0xffff])
        }
    }

    static func destination(_ text: String) -> Result<Destination, Problem> {
        if text.hasPrefix("unix:") {
            return unixPath(text.dropFirst(5)).map { .unix(path: $0) }
        }
        if let advice = protocolAdvice(text, allowed: ["unix"]) { return .failure(Problem(advice: advice)) }
        return hostAndPort(text, lowestPort: 1).flatMap { host, port in
            guard isHost(host) else {
                return .failure(
                    Problem(advice: "the host must be a name, an IPv4 address or an IPv6 address in brackets")
                )
            }
            return .success(.host(host, port: port))
        }
    }

    /// True for IP literals (no brackets) and for names that DNS can have.
    static func isHost(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        // `127.1` and `2130706433` are addresses for some resolvers only.
        guard let last = labels.last, !last.utf8.allSatisfy(Scalars.isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
                && label.unicodeScalars.allSatisfy {
                    $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_")
                }
        }
    }

    /// Splits `HOST:PORT` or `[V6]:PORT`; brackets are gone in the result.
    static func hostAndPort(_ text: String, lowestPort: UInt16) -> Result<(String, UInt16), Problem> {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                return .failure(Problem(advice: "close the bracket after the IPv6 address"))
            }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard case .v6? = IPAddress(host) else {
                return .failure(Problem(advice: "write an IPv6 address between the brackets, without a zone"))
            }
        } else {
            let colon = text.lastIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
            if host.contains(":") {
                return .failure(Problem(advice: "write an IPv6 address in brackets, as in `\"[::1]:8080\"`"))
            }
        }
        guard rest.hasPrefix(":") else {
            return .failure(Problem(advice: "write HOST:PORT, as in `127.0.0.1:8080`"))
        }
        guard Scalars.isNumber(rest.dropFirst()), let port = UInt16(rest.dropFirst()), port >= lowestPort else {
            return .failure(Problem(advice: "the port must be a number from \(lowestPort) to 65535"))
        }
        return .success((String(host), port))
    }

    static func unixPath(_ path: Substring) -> Result<String, Problem> {
        guard path.hasPrefix("/"), path.count > 1 else {
            return .failure(Problem(advice: "write an absolute path after `unix:`"))
        }
        guard path.utf8.count <= unixPathLimit else {
            return .failure(Problem(advice: "the path must have at most \(unixPathLimit) bytes"))
        }
        guard !path.utf8.contains(0) else {
            return .failure(Problem(advice: "the path must not contain NUL"))
        }
        // One socket has one spelling: two are compared as texts.
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
            return .failure(Problem(advice: "write the path without empty parts, `.` and `..`"))
        }
        return .success(String(path))
    }
}
