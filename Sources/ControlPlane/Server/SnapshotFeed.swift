import NIOCore
import Synchronization

/// The snapshot as text for all who watch: made once for them, not once for each.
final class SnapshotFeed: Sendable {
    private struct State {
        var text = ByteBuffer()
        /// Nil before the first.
        var madeAt: NIODeadline?
        var isMaking = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let steering: any Steering
    private let pause: TimeAmount
    private let state = Mutex(State())

    /// - Parameters:
    ///   - steering: Makes snapshots.
    ///   - pause: How old a snapshot may be to be given out again.
    init(_ steering: any Steering, pause: Duration) {
        self.steering = steering
        self.pause = TimeAmount(pause)
    }

    /// One line of JSON, no older than the pause.
    func text() async throws -> ByteBuffer {
        while true {
            let (known, isMine) = state.withLock { state in
                if let madeAt = state.madeAt, .now() < madeAt + pause { return (state.text as ByteBuffer?, false) }
                defer { state.isMaking = true }
                return (nil, !state.isMaking)
            }
            if let known { return known }
            if isMine { return try await make() }
            await withCheckedContinuation { continuation in
                let isMaking = state.withLock { state in
                    if state.isMaking { state.waiters.append(continuation) }
                    return state.isMaking
                }
                if !isMaking { continuation.resume() }
            }
        }
    }

    private func make() async throws -> ByteBuffer {
        let snapshot = await steering.snapshot()
        let made = Result { ByteBuffer(bytes: try JSONFormat.bytes(snapshot)) }
        let waiters = state.withLock { state in
            if case .success(let text) = made { (state.text, state.madeAt) = (text, .now()) }
            state.isMaking = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
        return try made.get()
    }
}
