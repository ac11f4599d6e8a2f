import Glibc
import Synchronization

/// Lets threads wait until a scenario opens it.
package final class Gate: Sendable {
    /// Longer than every scenario; a thread of a scenario that failed ends too.
    private static let limit = Duration.seconds(60)

    private let isOpen = Atomic(false)

    package init() {}

    package func open() {
        isOpen.store(true, ordering: .releasing)
    }

    package func wait() {
        let deadline = ContinuousClock.now.advanced(by: Self.limit)
        while !isOpen.load(ordering: .acquiring) && ContinuousClock.now < deadline {
            Facts.pace(milliseconds: 2)
        }
    }
}
