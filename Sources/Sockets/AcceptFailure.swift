import Synchronization

/// The error that ended accepting, for whoever waits for it.
package final class AcceptFailure: Sendable {
    private enum State {
        case none
        case waiting(CheckedContinuation<(any Error)?, Never>)
        case failed(any Error)
        case cancelled
    }

    private let state = Mutex(State.none)

    /// Suspends until accepting fails; nil when the task is cancelled.
    ///
    /// For one waiter.
    package func wait() async -> (any Error)? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: (any Error)?? = state.withLock { state in
                    switch state {
                    case .none:
                        state = .waiting(continuation)
                        return nil
                    case .waiting: preconditionFailure("two tasks wait for the failure of one acceptor")
                    case .failed(let error): return .some(error)
                    case .cancelled: return .some(nil)
                    }
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<(any Error)?, Never>? = state.withLock { state in
                switch state {
                case .none:
                    state = .cancelled
                    return nil
                case .waiting(let continuation):
                    state = .cancelled
                    return continuation
                case .failed, .cancelled: return nil
                }
            }
            waiter?.resume(returning: nil)
        }
    }

    /// The error, when accepting has failed.
    package var error: (any Error)? {
        state.withLock { state in
            if case .failed(let error) = state { error } else { nil }
        }
    }

    func set(_ error: any Error) {
        let waiter: CheckedContinuation<(any Error)?, Never>? = state.withLock { state in
            switch state {
            case .none, .cancelled:
                state = .failed(error)
                return nil
            case .waiting(let continuation):
                state = .failed(error)
                return continuation
            case .failed: return nil
            }
        }
        waiter?.resume(returning: error)
    }
}
