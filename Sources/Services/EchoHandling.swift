package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision

/// Echo (RFC 862): writes back what it reads.
package struct EchoHandling: StreamHandling {
    package struct Settings: Sendable {
        var idle: TimeAmount?
    }

    package init() {}

    package func settings(of specification: ServiceSpecification) -> Settings {
        Settings(idle: specification.idleTimeout.map { TimeAmount($0) })
    }

    package func begin(
        _ channel: any Channel,
        _ connection: Connection,
        settings: Settings,
        life: TaskPool
    ) throws {
        try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: settings.idle))
    }

    package func receiver(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> Settings
    ) throws -> any DatagramReceiver {
        EchoDatagrams(service.socket)
    }
}
