import Glibc
import Synchronization

/// Holds up the thread that passes until it is opened: what a stalled event loop does.
final class BlockingGate: Sendable {
    private let isOpen = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    func pass() {
        while !isOpen.load(ordering: .acquiring) { sched_yield() }
    }
}
