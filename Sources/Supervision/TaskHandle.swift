import Synchronization

/// The submitter's end of a task: its result, its state, and the way to cancel it.
public final class TaskHandle<Success: Sendable>: Sendable {
    private let core: TaskCore
    private let outcome: Mutex<Result<Success, any Error>?>
    private let ended = Signal()

    init(_ core: TaskCore) {
        self.core = core
        outcome = Mutex(nil)
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
            await ended.waitToTheEnd()
            guard let outcome = outcome.withLock({ $0 }) else { preconditionFailure("a task ended without result") }
            return outcome
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
        outcome.withLock { $0 = result }
        ended.fire()
    }
}
