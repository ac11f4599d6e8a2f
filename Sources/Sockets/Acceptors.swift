/// The listening sockets of one service while it accepts.
///
/// They must be closed; dropping them traps.
package struct Acceptors: ~Copyable, Sendable {
    private var acceptors: [Acceptor]?
    private var ports: [DatagramPort]
    /// Tells when the kernel refuses to accept for good: the service cannot go on then.
    package let failure: AcceptFailure

    init(_ acceptors: [Acceptor], ports: [DatagramPort], failure: AcceptFailure) {
        self.acceptors = acceptors
        self.ports = ports
        self.failure = failure
    }

    /// Stops to accept; UDP sockets stay open for their sessions.
    ///
    /// An address that nobody owns any more is first accepted, or read, until its queue is empty, unless it was left to
    /// another process.
    package mutating func stop() async {
        let stopping = acceptors ?? []
        acceptors = []
        await Self.stop(stopping, ports)
    }

    /// Stops to accept, unless that is done, and closes every socket.
    package consuming func close() async -> Closed {
        await stop()
        acceptors = nil
        for port in ports { await port.close() }
        return Closed()
    }

    private static func stop(_ acceptors: [Acceptor], _ ports: [DatagramPort]) async {
        await withTaskGroup { group in
            for acceptor in acceptors {
                group.addTask { await acceptor.close() }
            }
            for port in ports {
                group.addTask { await port.stop() }
            }
        }
    }

    deinit {
        precondition(acceptors == nil, "acceptors were dropped while open")
    }
}
