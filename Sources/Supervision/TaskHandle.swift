/// The submitter's end of a task: its result, its state, and the way to cancel it.
public struct TaskHandle<Success: Sendable>: Sendable {
    let task: PooledTask

    @usableFromInline
    init(_ task: AdmittedTask) {
        self.task = task.task
    }

    /// Shown in the status of the pool.
    public var name: String { task.name }

    /// The number of the task in its pool, ascending.
    public var number: UInt64 { task.number }

    /// Cancels the task, now or before it begins; what it then does is up to its operation.
    public func cancel() {
        task.cancel()
    }

    /// The task's state and times.
    public var status: TaskStatus {
        task.pool.status(of: task)
    }

    /// How the task ended; suspends until then, whether or not the waiting task is cancelled.
    ///
    /// An operation that returned is a success even when it was cancelled: what it made has to be released by someone.
    /// A task that waits here for another one is `blocked`.
    public var result: Result<Success, any Error> {
        get async {
            await task.result.map(Self.typed)
        }
    }

    /// What the task returned.
    ///
    /// The wait ends early when the waiting task is cancelled, so that a circle of waiting tasks can be cut. Whoever
    /// has to release what the task makes waits for its `result`.
    ///
    /// - Throws: What the task threw, or `TaskPoolError.deadlineExceeded`, or `CancellationError` when the waiting task
    ///   is cancelled.
    public var value: Success {
        get async throws {
            Self.typed(try await task.valueOrCancellation)
        }
    }

    static func typed(_ value: any Sendable) -> Success {
        guard let value = value as? Success else { preconditionFailure("a task returned another type than its own") }
        return value
    }
}
