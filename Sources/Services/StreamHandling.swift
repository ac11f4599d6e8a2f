package import Addresses
package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision

/// What a stream service does with a connection: all that tells one kind of service from another.
package protocol StreamHandling: Sendable {
    /// What it needs to know of a specification; made once for each change, read once for each connection.
    associatedtype Settings: Sendable
    /// What the connections of one life share.
    associatedtype Life: Sendable

    /// How many connections beyond `max_connections` are accepted at a time, only to be told so.
    var refusals: Int { get }

    /// What a client hears for whom the process has no descriptor.
    var dismissal: [UInt8] { get }

    /// Makes what the connections of a life share, when the life begins.
    ///
    /// - Parameters:
    ///   - tasks: The pool of the life.
    ///   - connections: The table of the life.
    ///   - addresses: Where it listens, with the ports that the kernel chose.
    ///   - group: The event loops over which the connections are spread.
    /// - Returns: What each connection of the life is given.
    func life(
        tasks: TaskPool,
        connections: ConnectionTable,
        addresses: [ListenAddress],
        group: any EventLoopGroup
    ) -> Life

    /// The settings of everything that starts from now on.
    func settings(of specification: ServiceSpecification) -> Settings

    /// Adds the handlers of a connection that was just accepted; runs on its event loop before it is active.
    ///
    /// The channel does not read by itself. Whatever is dialled for the connection is a task of the life's pool and
    /// adopted by `connection`.
    ///
    /// - Parameters:
    ///   - channel: The accepted channel.
    ///   - connection: Its slot.
    ///   - settings: Those in force when it was accepted.
    ///   - life: What the connections of the service's life share.
    /// - Throws: When the connection cannot be served; it is closed then.
    func begin(_ channel: any Channel, _ connection: Connection, settings: Settings, life: Life) throws

    /// Makes what serves the datagrams of one UDP socket; runs on the socket's event loop.
    ///
    /// - Parameters:
    ///   - service: What it gets of the service.
    ///   - settings: Those in force when it is called.
    /// - Returns: The receiver of that socket.
    /// - Throws: When datagrams cannot be served; the service ends then.
    func receiver(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> Settings
    ) throws -> any DatagramReceiver
}

extension StreamHandling {
    // Most services let clients wait in the kernel's queue.
    package var refusals: Int { 0 }

    // A protocol that the program does not know has no words for it: the connection just ends.
    package var dismissal: [UInt8] { [] }

    // Most services know only connections; a configuration that asks them for datagrams is not accepted.
    package func receiver(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> Settings
    ) throws -> any DatagramReceiver {
        throw ChannelError.operationUnsupported
    }
}

extension StreamHandling where Life == TaskPool {
    package func life(
        tasks: TaskPool,
        connections: ConnectionTable,
        addresses: [ListenAddress],
        group: any EventLoopGroup
    ) -> TaskPool { tasks }
}
