import Synchronization

/// Counts from 0 across threads.
package final class Counter: Sendable {
    private let count = Atomic(0)

    package init() {}

    /// How often `next` was called.
    package var value: Int { count.load(ordering: .relaxed) }

    /// Returns the count before this call.
    package func next() -> Int {
        count.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
