import Logging
import NIOCore
import Synchronization

/// Logs datagrams of new clients that found no free slot, and counts them, so that a flood does not fill the disk.
final class RefusalLog: Sendable {
    private struct State {
        var next = NIODeadline.distantPast
        var count = 0
    }

    /// One line in this time tells how many there were since the last one.
    private static let interval = TimeAmount.seconds(10)

    private let log: Logger
    private let state = Mutex(State())

    init(_ log: Logger) {
        self.log = log
    }

    func record() {
        let count: Int? = state.withLock { state in
            state.count += 1
            let now = NIODeadline.now()
            guard now >= state.next else { return nil }
            defer { state.count = 0 }
            state.next = now + Self.interval
            return state.count
        }
        guard let count else { return }
        log.warning(
            "cannot begin a session for a new client: all are taken; raise max_connections or lower idle_timeout",
            metadata: ["dropped": "\(count)"]
        )
    }
}
