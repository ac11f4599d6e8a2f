package import Sockets
package import Supervision

/// What a receiver of datagrams gets of the service that it belongs to; it lives on its socket's event loop.
package struct DatagramService {
    /// Where answers leave.
    package let socket: DatagramSocket
    /// Holds a slot for each session.
    package let sessions: ConnectionTable
    /// The pool of the service's life.
    package let tasks: TaskPool
}
