import Processes
import Sockets
import Supervision

/// The proof that a process service has released everything: its program is reaped, its sockets are closed.
struct ReleasedProcess: ~Copyable, Receipt {
    init(_ program: consuming Reaped, _ sockets: consuming Closed) {}

    /// A program that could not be spawned has left nothing behind; the error says so.
    init(notSpawned error: SpawnError, _ sockets: consuming Closed) {}
}
