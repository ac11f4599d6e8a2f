/// The listening sockets of one service while it accepts.
package struct Acceptors: ~Copyable, Sendable {
    /// Stops to accept. An address that nobody owns any more is first accepted until its queue is empty.
    package consuming func close() async -> Closed {
        Closed()
    }
}
