package import ServiceConfiguration
package import Supervision

/// A service whose live settings can change while it runs.
package protocol ConfigurableService: Service {
    /// Makes `specification` the settings of everything that starts from now on; cannot fail.
    func apply(_ specification: ServiceSpecification, generation: UInt64)

    /// One line for each open connection, for the ledger.
    var openConnections: Int { get }
}
