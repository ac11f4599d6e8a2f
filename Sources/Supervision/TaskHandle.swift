import Synchronization

/// The submitter's end of a task: its result, its state, and the way to cancel it.
public final class TaskHandle<Success: Sendable>: Sendable {
    private enum Outcome {
        case pending([CheckedContinuation<Result<Success, any Error>, Never>])
        case ended(Result<Success, any Error>)
    }

    private let core: TaskCore
    private let outcome: Mutex<Outcome>

    init(_ core: TaskCore) {
        self.core = core
        outcome = Mutex(.pending([]))
    }

    /// Cancels the task, now or before it begins; what it then does is up to its operation.
    public func cancel() {
        core.cancel()
    }

    /// The task's state and times.
    public var status: TaskStatus {
        core.status
    }

    /// How the task ended; suspends until then, whether or not the waiting task is cancelled.
    ///
    /// An operation that returned is a success even when it was cancelled: what it made has to be released by someone.
    public var result: Result<Success, any Error> {
        get async {
            await withCheckedContinuation { continuation in
                let result = outcome.withLock { outcome -> Result<Success, any Error>? in
                    switch outcome {
                    case .pending(let waiters):
                        outcome = .pending(waiters + [continuation])
                        return nil
                    case .ended(let result):
                        return result
                    }
                }
                if let result { continuation.resume(returning: result) }
            }
        }
    }

    /// What the task returned.
    ///
    /// - Throws: What the task threw, or `TaskPoolError.deadlineExceeded`.
    public var value: Success {
        get async throws {
            try await result.get()
        }
    }

    func end(_ result: Result<Success, any Error>) {
        let waiters = outcome.withLock { outcome in
            switch outcome {
            case .pending(let waiters):
                outcome = .ended(result)
                return waiters
            case .ended:
                preconditionFailure("a task ended twice")
            }
        }
        for waiter in waiters {
            waiter.resume(returning: result)
        }
    }
}
