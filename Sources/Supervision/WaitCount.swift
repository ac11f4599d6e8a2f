import Synchronization

/// How many wait for a slot, read by runners without the pool's lock.
final class WaitCount: Sendable {
    private let count = Atomic<Int>(0)

    var isZero: Bool { count.load(ordering: .relaxed) == 0 }

    func add(_ change: Int) {
        count.add(change, ordering: .relaxed)
    }
}
