/// What a client asks for.
enum RequestTarget: Hashable, Sendable {
    /// CONNECT: a tunnel.
    case tunnel(Authority)
    /// Absolute-form: a resource of an http origin; the path starts with `/` and has no fragment, or is `wholeOrigin`.
    case resource(Authority, path: [UInt8])

    /// The path of a request that is about the origin as a whole: OPTIONS without path and query (RFC 9112 3.2.4).
    static let wholeOrigin = Array("*".utf8)

    var authority: Authority {
        switch self {
        case .tunnel(let authority), .resource(let authority, _): authority
        }
    }

    var isTunnel: Bool {
        switch self {
        case .tunnel: true
        case .resource: false
        }
    }

    static func parse(method: String, _ bytes: ArraySlice<UInt8>) throws(RequestProblem) -> RequestTarget {
        if method == "CONNECT" {
            guard let authority = Authority(bytes) else { throw .malformedTarget }
            return .tunnel(authority)
        }
        if method == "TRACE" { throw .traceRefused }
        if bytes.first == UInt8(ascii: "/") || bytes.elementsEqual("*".utf8) { throw .notAProxyRequest }
        let target = try absolute(bytes)
        guard method == "OPTIONS", case .resource(let authority, let path) = target, path.isEmpty else {
            return target.rooted
        }
        return .resource(authority, path: wholeOrigin)
    }

    /// With the path of a resource that was written without one.
    private var rooted: RequestTarget {
        guard case .resource(let authority, let path) = self, path.first != UInt8(ascii: "/") else { return self }
        return .resource(authority, path: [UInt8(ascii: "/")] + path)
    }

    /// The host and port of a target, whatever else is wrong with its request.
    static func authority(method: String, _ bytes: ArraySlice<UInt8>) -> Authority? {
        if method == "CONNECT" { return Authority(bytes) }
        do { return try absolute(bytes).authority } catch { return nil }
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
        if let at = name.firstIndex(of: UInt8(ascii: "@")) {
            // Another `@`, or a byte that no URI has, is where parsers begin to disagree about the host.
            guard name[..<at].allSatisfy(\.isUserinfoByte) else { throw .malformedTarget }
            name = name[(at + 1)...]
        }
        guard let authority = Authority(name, defaultPort: 80) else { throw .malformedTarget }
        let path = Array(rest[end...].prefix { $0 != UInt8(ascii: "#") })
        // Some take it for a slash. In a query it is data, and browsers send it.
        guard !path.prefix(while: { $0 != UInt8(ascii: "?") }).contains(UInt8(ascii: "\\")) else {
            throw .malformedTarget
        }
        return .resource(authority, path: path)
    }
}

extension UInt8 {
    /// A byte of userinfo (RFC 3986 3.2.1).
    fileprivate var isUserinfoByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-._~!$&'()*+,;=:%".utf8.contains(self)
        }
    }
}
