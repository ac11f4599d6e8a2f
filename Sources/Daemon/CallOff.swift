import Synchronization

/// The request to a running load to roll back instead of committing.
final class CallOff: Sendable {
    private struct State {
        var isRequested = false
        /// Nobody waits any more.
        var isGivenUp = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func request() {
        let waiter = state.withLock { state in
            state.isRequested = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    var isRequested: Bool { state.withLock(\.isRequested) }

    /// Suspends until the request, or until the task is cancelled; to be called once.
    func requested() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isOver = state.isRequested || state.isGivenUp
                    if !isOver { state.waiter = continuation }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.isGivenUp = true
                return state.waiter.take()
            }
            waiter?.resume()
        }
    }
}
