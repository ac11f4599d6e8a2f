/// A submitted operation on its way to the pool's group; the type of its result is folded away.
struct TaskJob: Sendable {
    /// How the operation ended, and the delivery of its result, which comes after the slot is free again.
    struct Outcome: Sendable {
        var state: TaskState
        var deliver: @Sendable () -> Void
    }

    let core: TaskCore
    /// Runs the operation.
    let perform: @Sendable () async -> Outcome
    /// Ends a task that was cancelled before it began.
    let abandon: @Sendable () -> Void

    init<Success: Sendable>(
        _ core: TaskCore,
        handle: TaskHandle<Success>,
        operation: @escaping @Sendable () async throws -> Success
    ) {
        self.core = core
        abandon = { handle.end(.failure(CancellationError())) }
        perform = {
            do {
                let success = try await operation()
                return Outcome(state: .completed) { handle.end(.success(success)) }
            } catch {
                let (state, failure) = core.judge(error, taskIsCancelled: Task.isCancelled)
                return Outcome(state: state) { handle.end(.failure(failure)) }
            }
        }
    }
}
