/// What protects the connection to the next hop.
enum HopSecurity: Hashable, Sendable {
    case none
    case tls(TLSRoute)
    /// It should be TLS, and that cannot be set up: there is no way, least of all one without.
    case unavailable
}
