import NIOCore
import Synchronization

/// The time of a book of refused credentials; it passes when a test says so.
final class RefusalClock: Sendable {
    private let state = Mutex((now: NIODeadline.uptimeNanoseconds(0), reads: 0))

    var now: NIODeadline {
        state.withLock { state in
            state.reads += 1
            return state.now
        }
    }

    /// How often somebody has asked.
    var reads: Int { state.withLock(\.reads) }

    func pass(_ time: TimeAmount) {
        state.withLock { $0.now = $0.now + time }
    }
}
