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
    private let pool: TaskPool
    private let results = TaskResults()

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
    @inlinable
    @discardableResult
    public func submit(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        TaskHandle(try start(name, deadline) { try await operation() })
    }

    /// Starts a task of the batch as soon as there is a slot; see `TaskPool.submitWhenFree`.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled, from its begin.
    ///   - operation: The work.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is closed, the waiting task is cancelled, or the batch is being collected.
    @inlinable
    @discardableResult
    public func submitWhenFree(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) async throws(TaskPoolError) -> TaskHandle<Success> {
        TaskHandle(try await startWhenFree(name, deadline) { try await operation() })
    }

    @usableFromInline
    func start(
        _ name: String,
        _ deadline: Duration?,
        _ operation: @escaping @Sendable () async throws -> any Sendable
    ) throws(TaskPoolError) -> AdmittedTask {
        let task = try task(name, deadline, operation)
        do throws(TaskPoolError) {
            try pool.admitAtOnce(task)
        } catch {
            results.withdraw()
            throw error
        }
        return AdmittedTask(task)
    }

    @usableFromInline
    func startWhenFree(
        _ name: String,
        _ deadline: Duration?,
        _ operation: @escaping @Sendable () async throws -> any Sendable
    ) async throws(TaskPoolError) -> AdmittedTask {
        let task = try task(name, deadline, operation)
        do throws(TaskPoolError) {
            try await pool.admitWhenFree(task)
        } catch {
            results.withdraw()
            throw error
        }
        return AdmittedTask(task)
    }

    private func task(
        _ name: String,
        _ deadline: Duration?,
        _ operation: @escaping @Sendable () async throws -> any Sendable
    ) throws(TaskPoolError) -> PooledTask {
        guard let index = results.reserve() else { throw .closed(name: name) }
        return PooledTask(name, in: pool, deadline: deadline, batch: (results, index), operation: operation)
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
        results.close()
        if let failure = results.failure() {
            let wait = TaskPool.beginWait(for: .batch(pool))
            await failure.wait()
            wait?.end()
        }
        if Task.isCancelled || results.firstFailure != nil { cancelAll() }
        await untilEnded()
        if let failure = results.firstFailure { throw failure }
        return try results.outcomes.map { TaskHandle<Success>.typed(try $0.get()) }
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
        results.close()
        await withTaskCancellationHandler {
            await untilEnded()
        } onCancel: {
            cancelAll()
        }
        return results.outcomes.map { $0.map(TaskHandle<Success>.typed) }
    }

    /// How many tasks of the batch have not ended.
    public var count: Int { results.count }

    /// Cancels the tasks of the batch that have not ended.
    public func cancelAll() {
        pool.cancelAll(of: ObjectIdentifier(results))
    }

    private func untilEnded() async {
        if count == 0 { return }
        let wait = TaskPool.beginWait(for: .batch(pool))
        await results.untilEnded()
        wait?.end()
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
