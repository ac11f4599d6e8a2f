package import Logging
package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision

/// Relays every connection to one destination, and the datagrams of every client.
package struct ForwardHandling: StreamHandling {
    /// After one side has finished, the other may be silent for this long.
    private static let halfClose = TimeAmount.seconds(60)
    /// A peer that takes nothing for this long is gone or hostile.
    private static let writeStall = TimeAmount.seconds(120)

    package struct Settings: Sendable {
        var forward: ForwardSettings
        var limits: RelayLimits
    }

    private let failures: DialFailureLog
    private let refusals: RefusalLog

    /// - Parameter log: Hears of connections that could not be made, and of clients that found no place.
    package init(log: Logger) {
        failures = DialFailureLog(log)
        refusals = RefusalLog(log)
    }

    package func settings(of specification: ServiceSpecification) -> Settings {
        guard case .forward(let forward) = specification.kind else {
            preconditionFailure("a forward service was given the settings of another kind")
        }
        let idle = specification.idleTimeout.map { TimeAmount($0) }
        let limits = RelayLimits(idle: idle, halfClose: Self.halfClose, writeStall: Self.writeStall)
        return Settings(forward: forward, limits: limits)
    }

    package func begin(
        _ channel: any Channel,
        _ connection: Connection,
        settings: Settings,
        life: TaskPool
    ) throws {
        let handler = ForwardHandler(connection, settings: settings, failures: failures, tasks: life)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    package func receiver(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> Settings
    ) throws -> any DatagramReceiver {
        ForwardDatagrams(service, settings: settings, failures: failures, refusals: refusals)
    }
}
