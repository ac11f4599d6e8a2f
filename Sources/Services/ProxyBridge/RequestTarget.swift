import Addresses

/// A host and a port, as a target names them.
struct Authority: Hashable, Sendable {
    /// A host name or IP literal, without brackets.
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `host:port` or `[v6]:port`; the port may only be missing when there is a default.
    init?(_ bytes: some Collection<UInt8>, defaultPort: UInt16? = nil) {
        let text = String(decoding: bytes, as: UTF8.self)
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let literal = text[text.index(after: text.startIndex)..<close]
            guard case .v6? = IPAddress(literal) else { return nil }
            host = String(literal)
            rest = text[text.index(after: close)...]
        } else {
            let name = text.prefix { $0 != ":" }
            guard !name.isEmpty, name.utf8.count <= HeadLimits.hostBytes else { return nil }
            guard name.utf8.allSatisfy(Authority.isHostByte) else { return nil }
            host = String(name)
            rest = text[name.endIndex...]
        }
        guard let port = Authority.port(rest, default: defaultPort) else { return nil }
        self.port = port
    }

    private static func port(_ text: Substring, default defaultPort: UInt16?) -> UInt16? {
        if text.isEmpty || text == ":" { return defaultPort }
        guard text.first == ":" else { return nil }
        let digits = text.dropFirst()
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy(\.isDigit) else { return nil }
        guard let port = UInt16(digits), 0 < port else { return nil }
        return port
    }

    /// Unreserved characters only: what a resolver gets to see must not mean anything to anybody else.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-._~".utf8.contains(byte)
        }
    }
}

extension Authority: CustomStringConvertible {
    /// `example.org:80` or `[::1]:80`.
    var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The value of a Host field for the scheme http: without the port that it implies.
    var hostField: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }
}

/// What a client asks for.
enum RequestTarget: Hashable, Sendable {
    /// CONNECT: a tunnel.
    case tunnel(Authority)
    /// Absolute-form: a resource of an http origin; the path starts with `/` and has no fragment.
    case resource(Authority, path: [UInt8])

    var authority: Authority {
        switch self {
        case .tunnel(let authority), .resource(let authority, _): authority
        }
    }

    static func parse(method: String, _ bytes: ArraySlice<UInt8>) throws(RequestProblem) -> RequestTarget {
        if method == "CONNECT" {
            guard let authority = Authority(bytes) else { throw .malformedTarget }
            return .tunnel(authority)
        }
        if method == "TRACE" { throw .traceRefused }
        if bytes.first == UInt8(ascii: "/") || bytes.elementsEqual("*".utf8) { throw .notAProxyRequest }
        return try absolute(bytes)
    }

    private static func absolute(_ bytes: ArraySlice<UInt8>) throws(RequestProblem) -> RequestTarget {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { throw .malformedTarget }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        let afterScheme = bytes[(colon + 1)...]
        guard afterScheme.starts(with: "//".utf8) else { throw .malformedTarget }
        guard scheme == "http" || scheme == "ws" else { throw .unsupportedScheme }
        let rest = afterScheme.dropFirst(2)
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        var name = rest[..<end]
        // Userinfo is for the client, never for a log or an origin (RFC 9110 4.2.4).
        if let at = name.lastIndex(of: UInt8(ascii: "@")) { name = name[(at + 1)...] }
        guard let authority = Authority(name, defaultPort: 80) else { throw .malformedTarget }
        var path = Array(rest[end...].prefix { $0 != UInt8(ascii: "#") })
        if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
        return .resource(authority, path: path)
    }
}
