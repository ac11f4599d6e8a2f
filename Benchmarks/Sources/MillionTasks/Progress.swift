import Synchronization

/// What the tasks themselves see of a run: when the last one was created, and how many there were.
final class Progress: Sendable {
    private let seen = Mutex((created: ContinuousClock.now, most: 0))
    /// Looking costs more than a task does.
    private static let interval = 1_000

    var created: ContinuousClock.Instant { seen.withLock { $0.created } }
    var most: Int { seen.withLock { $0.most } }

    /// Called when a task begins, or is submitted.
    @inline(__always)
    func see(_ number: Int, _ count: () -> Int) {
        if number % Self.interval == 0 || number == Work.tasks - 1 { look(count()) }
    }

    private func look(_ count: Int) {
        let now = ContinuousClock.now
        seen.withLock { seen in
            seen.created = max(seen.created, now)
            seen.most = max(seen.most, count)
        }
    }
}
