import Synchronization

/// Tells one waiting task, now or later, that its stream is to end.
final class EndSignal: Sendable {
    private enum State {
        case quiet
        case awaited(CheckedContinuation<Void, Never>)
        case fired
    }

    private let state = Mutex(State.quiet)

    func fire() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .fired }
            guard case .awaited(let waiter) = state else { return nil }
            return waiter
        }
        waiter?.resume()
    }

    /// Suspends until the signal has been fired, or the task is cancelled; one task at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard case .quiet = state, !Task.isCancelled else { return true }
                    state = .awaited(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard case .awaited(let waiter) = state else { return nil }
                state = .quiet
                return waiter
            }
            waiter?.resume()
        }
    }
}
