import Synchronization

/// The results of a batch, whatever their type, in the order of submission.
final class TaskResults: Sendable {
    typealias Outcome = PooledTask.Outcome

    private struct State {
        var results: [Outcome?] = []
        var open = 0
        var isClosed = false
        var firstFailure: (any Error)?
        var failed: Signal?
        var ended: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open } }
    var firstFailure: (any Error)? { state.withLock { $0.firstFailure } }
    /// Without those that were withdrawn.
    var outcomes: [Outcome] { state.withLock { $0.results.compactMap(\.self) } }

    /// The place of the next result; nil when the results are being collected.
    func reserve() -> Int? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.results.append(nil)
            state.open += 1
            return state.results.count - 1
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// The signal of the first failure or of the last end; nil when there is nothing to wait for.
    func failure() -> Signal? {
        state.withLock { state in
            guard 0 < state.open, state.firstFailure == nil else { return nil }
            let failed = Signal()
            state.failed = failed
            return failed
        }
    }

    /// Suspends until all tasks have ended, whether or not the current task is cancelled.
    func untilEnded() async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if 0 < state.open { state.ended.append(continuation) }
                return state.open == 0
            }
            if isOver { continuation.resume() }
        }
    }

    /// The result of a task that has ended.
    func record(_ result: Outcome, at index: Int) {
        settle { state in
            state.results[index] = result
            if case .failure(let error) = result, state.firstFailure == nil { state.firstFailure = error }
        }
    }

    /// A task that got no slot is no part of the batch.
    func withdraw() {
        settle { _ in }
    }

    private func settle(_ change: (inout State) -> Void) {
        let (failed, ended) = state.withLock { state -> (Signal?, [UnsafeContinuation<Void, Never>]) in
            change(&state)
            state.open -= 1
            let failed = state.open == 0 || state.firstFailure != nil ? state.failed.take() : nil
            guard state.open == 0, !state.ended.isEmpty else { return (failed, []) }
            let ended = state.ended
            state.ended = []
            return (failed, ended)
        }
        failed?.fire()
        for continuation in ended {
            continuation.resume()
        }
    }
}
