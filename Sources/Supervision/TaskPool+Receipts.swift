extension TaskPool {
    /// Starts a task that holds a resource, and cannot end before it has given the receipt for it.
    ///
    /// What is acquired is the task's own: nobody else can use it, and the task cannot throw, return early or be
    /// cancelled past its release. When `acquire` throws there is nothing to release, and the task has failed.
    ///
    /// ```swift
    /// let handle = try pool.submit("migration") {
    ///     try await database.lease()
    /// } using: { lease in
    ///     let result = await migrate(on: lease)
    ///     return Settled(result, with: await lease.release())
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the task may run before it is cancelled; it releases what it holds in any case.
    ///   - acquire: Makes the resource, in the task.
    ///   - use: Works with the resource and releases it.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is full or closed; nothing has been acquired then.
    public func submit<Resource: ~Copyable & Sendable, Success: Sendable>(
        _ name: String,
        deadline: Duration? = nil,
        acquiring acquire: @escaping @Sendable () async throws -> Resource,
        using use: @escaping @Sendable (consuming Resource) async -> Settled<Success>
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        try submit(name, deadline: deadline) {
            try await use(try await acquire()).result.get()
        }
    }
}
