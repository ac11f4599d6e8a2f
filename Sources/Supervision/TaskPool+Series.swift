import Synchronization

extension TaskPool {
    /// Runs an operation for each number below `count`, as many at a time as there are slots, and returns the values.
    ///
    /// The way for very many tasks: each is a task of the pool, seen in its snapshot, but it exists only from the
    /// moment at which there is a slot for it, and leaves nothing but its value. At the first task that fails the
    /// others are cancelled; all are awaited, and its error is thrown. When the calling task is cancelled, or the pool
    /// closes, all are cancelled too.
    ///
    /// ```swift
    /// let sizes = try await pool.collect("page", count: pages.count) { number in
    ///     try await fetch(pages[number]).size
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - count: How many tasks there are.
    ///   - operation: The work for one number.
    /// - Returns: The values, in the order of the numbers.
    /// - Throws: What the task threw that failed first; `TaskPoolError.closed`; `CancellationError` when not every task
    ///   was begun.
    @inlinable
    public func collect<Success: Sendable>(
        _ name: String,
        count: Int,
        operation: @escaping @Sendable (Int) async throws -> Success
    ) async throws -> [Success] {
        let series = try series(name, count, stopsAtFailure: true)
        let values = TaskValues<Success>()
        await run(series, values, operation)
        if let failure = series.failure { throw failure }
        guard let all = values.inOrder(count) else { throw CancellationError() }
        return all
    }

    /// Runs an operation for each number below `count`, and returns how each task ended.
    ///
    /// As `collect`, but a failure stops nothing. A task that never began, because the calling task was cancelled, is a
    /// `CancellationError`.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - count: How many tasks there are.
    ///   - operation: The work for one number.
    /// - Returns: A value or an error for each number, in order.
    /// - Throws: `TaskPoolError.closed`.
    @inlinable
    public func collectPartial<Success: Sendable>(
        _ name: String,
        count: Int,
        operation: @escaping @Sendable (Int) async throws -> Success
    ) async throws(TaskPoolError) -> [Result<Success, any Error>] {
        let series = try series(name, count, stopsAtFailure: false)
        let values = TaskValues<Success>()
        await run(series, values, operation)
        return values.results(count)
    }

    // Inlined into the caller's module, where the type of the values is known.
    @inlinable
    func run<Success: Sendable>(
        _ series: TaskSeries,
        _ values: TaskValues<Success>,
        _ operation: @escaping @Sendable (Int) async throws -> Success
    ) async {
        await series.run { crew, group in
            let part = values.part()
            for _ in 0..<crew.runners {
                group.addTask {
                    let place = crew.join()
                    var next = crew.begin(place)
                    while let position = next {
                        do {
                            part.append(try await operation(position), at: position)
                            next = crew.complete(place)
                        } catch {
                            part.append(error, at: position)
                            next = crew.fail(place, error)
                        }
                    }
                }
            }
        }
    }

    @usableFromInline
    func series(_ name: String, _ count: Int, stopsAtFailure: Bool) throws(TaskPoolError) -> TaskSeries {
        precondition(0 <= count, "cannot run `\(name)` less than no times")
        let series = record.withLock { record -> TaskSeries? in
            guard let first = record.reserve(count) else { return nil }
            let series = TaskSeries(name, in: self, count: count, firstNumber: first, stopsAtFailure: stopsAtFailure)
            record.series[ObjectIdentifier(series)] = series
            return series
        }
        guard let series else { throw .closed(name: name) }
        return series
    }

    /// Keeps the counts of a series that has ended.
    func end(_ series: TaskSeries) {
        record.withLock { $0.end(series) }?.resume()
    }

    /// Ends the wait of a series for a slot: it has no task left.
    func dismiss(_ series: TaskSeries) {
        record.withLock { $0.dismiss(series) }?.continuation.resume(returning: .cancelled)
    }

    /// Takes free slots, or waits for one; nil when the pool is closed, the task cancelled, or the series exhausted.
    func slots(_ most: Int, for series: TaskSeries) async -> Int? {
        let taken = record.withLock { $0.take(most) }
        if 0 < taken { return taken }
        switch await slot(for: series) {
        case .granted: return 1
        case .closed, .cancelled: return nil
        }
    }
}
