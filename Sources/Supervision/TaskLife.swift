/// The state of one task, its times, and who interrupted it; a value behind its task's lock.
struct TaskLife: Sendable {
    /// Who ended the task before it ended by itself.
    enum Interruption: Sendable {
        case cancelled
        case deadline(Duration)
    }

    private(set) var state = TaskState.created
    private(set) var started = Duration.zero
    private(set) var ended = Duration.zero
    private(set) var interruption: Interruption?
    private(set) var hasBegun = false
    /// What runs the operation, from its begin to its end.
    private(set) var runner: RunningTask?
    /// Someone is cancelling the runner, which therefore has to live until that is done.
    private var isCancelling = false
    private var afterCancelling: UnsafeContinuation<Void, Never>?

    /// False when the task was cancelled before it began.
    mutating func begin(on runner: RunningTask, at now: Duration) -> Bool {
        guard interruption == nil else { return false }
        self.runner = runner
        state = .running
        hasBegun = true
        started = now
        return true
    }

    /// The runner to cancel outside of the lock, if this is the first interruption; `interrupted` has to follow.
    mutating func interrupt(_ reason: Interruption) -> RunningTask? {
        guard interruption == nil else { return nil }
        interruption = reason
        isCancelling = runner != nil
        return runner
    }

    /// The end of the wait of a runner whose operation ended while it was being cancelled.
    mutating func interrupted() -> UnsafeContinuation<Void, Never>? {
        isCancelling = false
        return afterCancelling.take()
    }

    /// Lets go of the runner; false when it has to wait, see `wait`.
    mutating func release() -> Bool {
        runner = nil
        return !isCancelling
    }

    /// Keeps the continuation until the cancelling is done; false when it is done.
    mutating func wait(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        if isCancelling { afterCancelling = continuation }
        return isCancelling
    }

    mutating func end(_ final: TaskState, at now: Duration) {
        state = final
        ended = now
    }
}

extension TaskLife {
    /// What an operation's error means: who cancelled it decides, not the error that it happened to throw.
    func judge(_ error: any Error, of name: String, taskIsCancelled: Bool) -> (state: TaskState, error: any Error) {
        switch interruption {
        case .deadline(let deadline): (.failed, TaskPoolError.deadlineExceeded(name: name, deadline: deadline))
        case .cancelled: (.cancelled, error)
        // Not interrupted by itself: the owner of the pool was forced.
        case nil: (taskIsCancelled && error is CancellationError ? .cancelled : .failed, error)
        }
    }
}
