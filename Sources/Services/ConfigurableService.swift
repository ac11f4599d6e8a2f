package import ServiceConfiguration
package import Supervision

/// A service whose live settings can change while it runs.
package protocol ConfigurableService: Service {
    /// Makes `specification` the settings of everything that starts from now on; cannot fail.
    func apply(_ specification: ServiceSpecification, generation: UInt64)

    /// How many connections are open.
    var openConnections: Int { get }

    /// What else the status shows.
    var details: ServiceDetails { get }
}

extension ConfigurableService {
    package var details: ServiceDetails { ServiceDetails() }
}
