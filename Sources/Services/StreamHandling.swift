package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision

/// What a stream service does with a connection: all that tells one kind of service from another.
package protocol StreamHandling: Sendable {
    /// What it needs to know of a specification; made once for each change, read once for each connection.
    associatedtype Settings: Sendable

    /// The settings of everything that starts from now on.
    func settings(of specification: ServiceSpecification) -> Settings

    /// Adds the handlers of a connection that was just accepted; runs on its event loop before it is active.
    ///
    /// The channel does not read by itself. Whatever is dialled for the connection is a task of `tasks` and adopted by
    /// `connection`.
    ///
    /// - Parameters:
    ///   - channel: The accepted channel.
    ///   - connection: Its slot.
    ///   - settings: Those in force when it was accepted.
    ///   - tasks: The pool of the service's life.
    /// - Throws: When the connection cannot be served; it is closed then.
    func begin(_ channel: any Channel, _ connection: Connection, settings: Settings, tasks: TaskPool) throws

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
    // Most services know only connections; a configuration that asks them for datagrams is not accepted.
    package func receiver(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> Settings
    ) throws -> any DatagramReceiver {
        throw ChannelError.operationUnsupported
    }
}
