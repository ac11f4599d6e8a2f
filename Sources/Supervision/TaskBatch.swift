import Synchronization

/// Tasks of one pool whose results belong together, in the order of their submission.
///
/// ```swift
/// let pages = try await TaskPool.scope(limit: 16) { pool in
///     let batch = pool.batch(of: Page.self)
///     for number in 1...100 {
///         try await batch.submitWhenFree("page \(number)") { try await fetch(number) }
///     }
///     return try await batch.collect()
/// }
/// ```
///
/// The batch keeps results, not tasks: a task is gone when it has ended.
public final class TaskBatch<Success: Sendable>: Sendable {
    private struct State {
        var results: [Result<Success, any Error>?] = []
        var open = 0
        var isClosed = false
        var firstFailure: (any Error)?
        var failed: Signal?
        var ended: [UnsafeContinuation<Void, Never>] = []
    }

    private let pool: TaskPool
    private let state = Mutex(State())

    init(_ pool: TaskPool) {
        self.pool = pool
    }

    /// Starts a task of the batch; see `TaskPool.submit`.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled.
    ///   - operation: The work.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is full or closed, or the batch is being collected.
    @discardableResult
    public func submit(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        let task = try task(name, deadline, operation)
        do throws(TaskPoolError) {
            return try pool.admitAtOnce(task)
        } catch {
            withdraw()
            throw error
        }
    }

    /// Starts a task of the batch as soon as there is a slot; see `TaskPool.submitWhenFree`.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled, from its begin.
    ///   - operation: The work.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is closed, the waiting task is cancelled, or the batch is being collected.
    @discardableResult
    public func submitWhenFree(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) async throws(TaskPoolError) -> TaskHandle<Success> {
        let task = try task(name, deadline, operation)
        do throws(TaskPoolError) {
            return try await pool.admitWhenFree(task)
        } catch {
            withdraw()
            throw error
        }
    }

    private func task(
        _ name: String,
        _ deadline: Duration?,
        _ operation: @escaping @Sendable () async throws -> Success
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        let index = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.results.append(nil)
            state.open += 1
            return state.results.count - 1
        }
        guard let index else { throw .closed(name: name) }
        return TaskHandle(name, in: pool, deadline: deadline, batch: (self, index), operation: operation)
    }
}

// MARK: Collecting

extension TaskBatch {
    /// The results of all tasks, in the order of their submission; stops at the first failure.
    ///
    /// At the first task that fails the others are cancelled; all are awaited, and its error is thrown. When the
    /// collecting task is cancelled, all are cancelled too. Nothing can be submitted to the batch any more.
    ///
    /// ```swift
    /// let sizes = try await batch.collect()
    /// print("in all", sizes.reduce(0, +))
    /// ```
    ///
    /// - Returns: A value for each task.
    /// - Throws: What the task threw that failed first.
    public func collect() async throws -> [Success] {
        let failed = Signal()
        let isOver = state.withLock { state in
            state.isClosed = true
            state.failed = failed
            return state.open == 0 || state.firstFailure != nil
        }
        if !isOver {
            let wait = TaskPool.beginWait(for: .batch(pool))
            await failed.wait()
            wait?.end()
        }
        await cancelIfNeeded()
        let (results, failure) = state.withLock { ($0.results, $0.firstFailure) }
        if let failure { throw failure }
        return try results.compactMap { try $0?.get() }
    }

    /// How each task ended, in the order of their submission; waits for all of them.
    ///
    /// When the collecting task is cancelled, so are the tasks. Nothing can be submitted to the batch any more.
    ///
    /// ```swift
    /// for case .failure(let error) in await batch.collectPartial() {
    ///     print(error)
    /// }
    /// ```
    ///
    /// - Returns: A value or an error for each task.
    public func collectPartial() async -> [Result<Success, any Error>] {
        state.withLock { $0.isClosed = true }
        await withTaskCancellationHandler {
            await untilEnded()
        } onCancel: {
            pool.cancelAll(of: ObjectIdentifier(self))
        }
        return state.withLock { $0.results.compactMap(\.self) }
    }

    /// How many tasks of the batch have not ended.
    public var count: Int {
        state.withLock { $0.open }
    }

    private func cancelIfNeeded() async {
        if Task.isCancelled || state.withLock({ $0.firstFailure != nil }) {
            pool.cancelAll(of: ObjectIdentifier(self))
        }
        await untilEnded()
    }

    private func untilEnded() async {
        if count == 0 { return }
        let wait = TaskPool.beginWait(for: .batch(pool))
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if 0 < state.open { state.ended.append(continuation) }
                return state.open == 0
            }
            if isOver { continuation.resume() }
        }
        wait?.end()
    }

    /// The result of a task that has ended.
    func record(_ result: Result<Success, any Error>, at index: Int) {
        settle { state in
            state.results[index] = result
            if case .failure(let error) = result, state.firstFailure == nil { state.firstFailure = error }
        }
    }

    /// A task that got no slot is no part of the batch.
    private func withdraw() {
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

extension TaskPool {
    /// A batch of tasks of this pool, whose results are collected together.
    ///
    /// - Parameter type: What each of its tasks returns.
    /// - Returns: A batch without tasks.
    public func batch<Success: Sendable>(of type: Success.Type) -> TaskBatch<Success> {
        TaskBatch(self)
    }
}
