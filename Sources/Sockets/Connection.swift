package import NIOCore

/// One accepted connection: a slot of its service's table.
package final class Connection: Sendable {
    /// Unique within the daemon.
    package let id: UInt64
    /// The client's address as text, for logs.
    package let peer: String

    init(id: UInt64, peer: String) {
        self.id = id
        self.peer = peer
    }

    /// Makes `channel`, dialled for this connection, part of it: the slot stays taken until it too has closed,
    /// and forcing the connection closes it.
    package func adopt(_ channel: any Channel) {}

    package func count(received bytes: Int) {}

    package func count(sent bytes: Int) {}
}
