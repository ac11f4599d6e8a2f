/// The listening sockets of one service while it accepts.
///
/// They must be closed; dropping them traps.
package struct Acceptors: ~Copyable, Sendable {
    private var acceptors: [Acceptor]?
    /// Tells when the kernel refuses to accept for good: the service cannot go on then.
    package let failure: AcceptFailure

    init(_ acceptors: [Acceptor], failure: AcceptFailure) {
        self.acceptors = acceptors
        self.failure = failure
    }

    /// Stops to accept.
    ///
    /// An address that nobody owns any more is first accepted until its queue is empty.
    package consuming func close() async -> Closed {
        await Self.close(acceptors.take() ?? [])
        return Closed()
    }

    private static func close(_ acceptors: [Acceptor]) async {
        await withTaskGroup { group in
            for acceptor in acceptors {
                group.addTask { await acceptor.close() }
            }
        }
    }

    deinit {
        precondition(acceptors == nil, "acceptors were dropped while open")
    }
}
