/// How the last user of a listening socket lets go of it.
enum Retirement {
    /// The address stays: only the duplicate closes.
    case none
    /// Nobody will own the address: what waits in the queue is accepted first.
    case acceptQueue
    /// Another socket takes the connections from now on: handshakes that have begun complete, then the queue is
    /// accepted.
    case settleThenAcceptQueue
}
