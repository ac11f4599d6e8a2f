package import Addresses
package import NIOCore

/// The listening sockets of one service before it accepts.
package struct ListeningSockets: ~Copyable, Sendable {
    /// The bound addresses, with the ports that the kernel chose.
    package var addresses: [ListenAddress] { [] }

    /// Starts to accept. `initialize` runs on the connection's event loop, before its first byte is read.
    package consuming func accept(
        on group: any EventLoopGroup,
        into connections: ConnectionTable,
        initialize: @escaping @Sendable (any Channel, Connection) throws -> Void
    ) async -> Acceptors {
        Acceptors()
    }

    /// Closes the service's duplicates.
    package consuming func close() -> Closed {
        Closed()
    }
}
