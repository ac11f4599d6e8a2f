package import ServiceConfiguration
package import Sockets
package import Supervision

/// A service whose live settings can change while it runs.
package protocol ConfigurableService: Service {
    /// Makes `specification` the settings of everything that starts from now on; cannot fail.
    func apply(_ specification: ServiceSpecification, generation: UInt64)

    /// Looks for what is in the way of a start, as far as that can be known without acquiring anything.
    ///
    /// - Throws: What `prepare()` would throw.
    func check() async throws

    /// Hears that the upstream of a committed load takes its credential.
    func credentialAccepted()

    /// The open connections of the present life; nil for a service that has none, or has not run yet.
    var table: ConnectionTable? { get }

    /// What has gone through the service in all of its lives; nil for a service that has no connections.
    var totals: ConnectionTotals? { get }

    /// Moves the service to another free member of its pool at once.
    func rotate() -> Rotation

    /// What else the status shows.
    var details: ServiceDetails { get }
}

extension ConfigurableService {
    /// What has only addresses and members of pools has nothing to look for.
    package func check() async throws {}

    package var table: ConnectionTable? { nil }

    /// How many connections are open.
    package var openConnections: Int { table?.count ?? 0 }

    package var totals: ConnectionTotals? { nil }

    package func rotate() -> Rotation { .notPooled }

    package func credentialAccepted() {}

    package var details: ServiceDetails { ServiceDetails() }
}
