import Synchronization

/// Counts what a bridge does, from every event loop: a few additions for each request, none for a message.
final class BridgeCounting: Sendable {
    private let requests = Atomic<UInt64>(0)
    private let tunnels = Atomic<UInt64>(0)
    private let closedTunnels = Atomic<UInt64>(0)
    private let failures = Mutex<[String: UInt64]>([:])

    func tunnelOpened() { tunnels.add(1, ordering: .relaxed) }

    func tunnelClosed() { closedTunnels.add(1, ordering: .relaxed) }

    /// Adds a request that has ended.
    func add(_ record: RequestRecord) {
        requests.add(1, ordering: .relaxed)
        // The words are those of failures, which are few: no peer chooses one.
        if let error = record.error { failures.withLock { $0[error, default: 0] += 1 } }
    }

    var snapshot: BridgeCounters {
        var counters = BridgeCounters()
        counters.requests = requests.load(ordering: .relaxed)
        // Closed ones first: one that opens in between must not make the difference negative.
        let closed = closedTunnels.load(ordering: .relaxed)
        counters.tunnels = tunnels.load(ordering: .relaxed)
        counters.openTunnels = max(0, Int(counters.tunnels) - Int(closed))
        counters.failures = failures.withLock { $0 }
        return counters
    }
}
