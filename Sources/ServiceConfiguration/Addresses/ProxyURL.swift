import Addresses

/// The URL of an upstream proxy, taken apart; the texts of its problems never contain any of it.
struct ProxyURL {
    var scheme: UpstreamScheme
    var host: String
    var port: UInt16
    /// User name and password, percent-decoded once; nil when the URL has none.
    var userinfo: (username: String, password: String)?

    /// What is wrong with a URL: a whole message.
    struct Problem: Error {
        var message: String
    }

    init(parsing text: String) throws(Problem) {
        guard let separator = text.firstRange(of: "://") else {
            throw Problem(message: "cannot use this as the URL of an upstream: write it as `http://HOST:PORT`")
        }
        guard let scheme = UpstreamScheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
            let schemes = Wording.alternatives(UpstreamScheme.allCases.map { "`\($0.rawValue)`" })
            let advice = "write an upstream as `http://HOST:PORT`, or with \(schemes)"
            throw Problem(message: "cannot use the scheme of this URL: \(advice)")
        }
        self.scheme = scheme
        var rest = text[separator.upperBound...]
        if rest.hasSuffix("/"), rest.filter({ $0 == "/" }).count == 1 { rest.removeLast() }
        guard !rest.contains(where: { $0 == "/" || $0 == "?" || $0 == "#" }) else {
            let advice = "write only `http://HOST:PORT`, and `%2F`, `%3F` or `%23` for `/`, `?` or `#` in a password"
            throw Problem(message: "cannot use a path, query or fragment in the URL of an upstream: \(advice)")
        }
        if let at = rest.lastIndex(of: "@") {
            userinfo = try Self.userinfo(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        switch AddressText.hostAndPort(String(rest), lowestPort: 1) {
        case .failure(let problem):
            throw Problem(message: "cannot find host and port in the URL of the upstream: \(problem.advice)")
        case .success(let (host, port)):
            guard AddressText.isHost(host) else {
                let advice = "write a name, an IPv4 address or an IPv6 address in brackets"
                throw Problem(message: "cannot use the host in the URL of the upstream: \(advice)")
            }
            self.host = host
            self.port = port
        }
    }

    private static func userinfo(_ text: Substring) throws(Problem) -> (username: String, password: String) {
        let colon = text.firstIndex(of: ":")
        let username = try decoded(text[..<(colon ?? text.endIndex)])
        let password = try decoded(colon.map { text[text.index(after: $0)...] } ?? "")
        return (username, password)
    }

    private static func decoded(_ text: Substring) throws(Problem) -> String {
        do throws(PercentText.Malformed) {
            return try PercentText.decoded(text)
        } catch {
            switch error {
            case .escape:
                throw Problem(message: "cannot decode the credential in this URL: write `%25` for a percent sign")
            case .encoding:
                throw Problem(
                    message: "cannot decode the credential in this URL: its percent escapes are not UTF-8; correct them"
                )
            }
        }
    }
}
