import ServiceConfiguration

/// Which proxy of a pool is meant, whatever its place in the list and its password.
struct PoolMember: Hashable, Sendable {
    private let host: String
    private let port: UInt16
    private let username: Secret?
    /// Tells members apart that are otherwise equal.
    private let occurrence: Int
    /// The same for the same member in every run of the daemon.
    private let fingerprint: UInt64

    init(_ settings: UpstreamProxy, occurrence: Int) {
        host = settings.host
        port = settings.port
        username = settings.credential?.username
        self.occurrence = occurrence
        var hash = StableHash(settings.host)
        hash.combine("\(settings.port)/\(occurrence)")
        settings.credential?.username.reveal { hash.combine($0) }
        fingerprint = hash.value
    }

    /// How much the service with this hash prefers the member: highest random weight, also called rendezvous hashing.
    ///
    /// Each service has an order of its own, and a member that comes or goes changes the choice of few services.
    func weight(for service: StableHash) -> UInt64 {
        service.mixed(with: fingerprint)
    }
}
