/// Whom a bridge connects to for a request, as its failures call it.
enum NextHop: Hashable, Sendable {
    case destination
    /// A proxy, with a credential in the configuration or without.
    case upstream(hasCredential: Bool)
}

extension NextHop: CustomStringConvertible {
    /// `the destination` or `the upstream`.
    var description: String {
        switch self {
        case .destination: "the destination"
        case .upstream: "the upstream"
        }
    }
}
