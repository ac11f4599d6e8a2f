/// Which fields concern one connection only and are never forwarded (RFC 9110 7.6.1).
enum HopByHop {
    /// Removed in both directions; `transfer-encoding` because bodies are framed anew.
    static let names: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
        "proxy-authentication-info", "te", "transfer-encoding", "upgrade", "http2-settings",
    ]

    /// A client that has these removed changes what the origin understands: a request with such a list is refused.
    static let neverNominated: Set<String> = [
        "host", "content-length", "transfer-encoding", "authorization", "cookie", "content-type", "cache-control",
    ]

    /// Trailer fields that would change the framing or the routing of a message that is already under way.
    static let neverInTrailers: Set<String> = ["content-length", "host", "trailer", "set-cookie", "authorization"]

    /// The fields of a head that Connection names.
    static func nominated(by fields: [HeadField]) -> Set<String> {
        Set(fields.listMembers("connection"))
    }

    static func forwardable(trailers: [HeadField]) -> [HeadField] {
        trailers.filter { !names.contains($0.name) && !neverInTrailers.contains($0.name) }
    }
}
