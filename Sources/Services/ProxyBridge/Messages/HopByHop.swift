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

    /// The protocols to which a connection may change; h2c is not among them, because what follows would be hidden from
    /// the next hop's checks.
    static let upgrades: Set<String> = ["websocket"]

    /// Trailer fields that would change the framing, the routing, the rights or the meaning of a message that is
    /// already under way (RFC 9110 6.5.1).
    static let neverInTrailers: Set<String> = [
        "content-length", "host", "trailer", "set-cookie", "cookie", "authorization", "content-encoding",
        "content-type", "content-range", "cache-control", "max-forwards", "expect", "range",
    ]

    /// The fields of a head that Connection names.
    static func nominated(by fields: [HeadField]) -> Set<String> {
        Set(fields.listMembers("connection"))
    }

    /// The first protocol that a client asks for and may get, as it wrote it.
    static func upgrade(in fields: [HeadField]) -> String? {
        fields.lazy.filter { $0.name == "upgrade" }
            .flatMap { $0.value.split(separator: ",") }
            .map { String($0.trimmingBlanks()) }
            .first { upgrades.contains($0.lowercased()) }
    }

    /// What may follow the last chunk; `nominated` are the fields that the message's Connection names.
    static func forwardable(trailers: [HeadField], nominated: Set<String> = []) -> [HeadField] {
        trailers.filter { field in
            !names.contains(field.name) && !neverInTrailers.contains(field.name) && !nominated.contains(field.name)
        }
    }
}
