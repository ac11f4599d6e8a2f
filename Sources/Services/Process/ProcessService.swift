package import Logging
package import NIOCore
package import Processes
package import ServiceConfiguration
package import Sockets
package import Supervision

/// Runs a program as a service.
package final class ProcessService: ConfigurableService {
    private let specification: ServiceSpecification

    /// - Parameters:
    ///   - specification: The first settings; of the kind process.
    ///   - warden: Starts the program.
    ///   - listeners: Owns the listening sockets that the program gets.
    ///   - group: The event loops of its probes.
    ///   - log: Carries the service's name.
    ///   - output: Takes the lines that the program writes.
    package init(
        _ specification: ServiceSpecification,
        warden: Warden,
        listeners: ListenerTable,
        group: any EventLoopGroup,
        log: Logger,
        output: any LineReceiver
    ) {
        self.specification = specification
    }

    package func prepare() async throws -> PreparedService {
        throw PreparationError(at: specification.position.position, "cannot run a process yet")
    }

    package func apply(_ specification: ServiceSpecification, generation: UInt64) {}

    package var openConnections: Int { 0 }
}
