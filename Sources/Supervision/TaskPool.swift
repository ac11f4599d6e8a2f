import Synchronization

/// Tracked tasks with slots and deadlines, which end before their owner does.
///
/// Tasks are submitted from any thread and run as child tasks of the pool's owner. Each takes a slot from its
/// submission to its end.
///
/// ```swift
/// let total = try await TaskPool.scope(name: "pages", limit: 100) { pool in
///     let first = try pool.submit("first", deadline: .seconds(5)) { try await fetch(1) }
///     let second = try await pool.submitWhenFree("second") { try await fetch(2) }
///     return try await first.value + second.value
/// }
/// ```
///
/// A submitted task runs on the executor of the pool's owner, in a child task that takes over further tasks when it
/// is done: creating a child task for each would cost more than everything else.
public final class TaskPool: Sendable {
    /// The slots of a service's pool: a dial for each local port is the most that one address can have under way.
    public static let serviceLimit = 65_536

    /// The innermost pool whose task runs; inherited by its child tasks, so that it costs no task anything.
    @TaskLocal static var current: TaskPool?

    /// Names the pool in reports.
    public let name: String
    let time: TimeSource
    let record: Mutex<TaskPoolRecord>
    /// How many wait for a slot to submit one task.
    let submitters = WaitCount()

    init(name: String = "tasks", limit: Int, time: TimeSource) {
        precondition(0 < limit, "cannot make the pool `\(name)` without slots")
        self.name = name
        self.time = time
        record = Mutex(TaskPoolRecord(limit: limit, submitters: submitters))
    }

    /// Runs `body` with a pool of its own; what still runs when `body` returns is cancelled and awaited.
    ///
    /// ```swift
    /// try await TaskPool.scope(limit: 8) { pool in
    ///     for name in names {
    ///         _ = try await pool.submitWhenFree(name) { try await check(name) }
    ///     }
    ///     await pool.untilEmpty()
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: Names the pool in reports.
    ///   - limit: How many tasks it has at a time.
    ///   - clock: For times and deadlines.
    ///   - body: Submits tasks, and awaits those whose results matter.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw.
    public static func scope<Success: Sendable, Failure: Error>(
        name: String = "tasks",
        limit: Int = serviceLimit,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: (TaskPool) async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        try await TaskPool(name: name, limit: limit, time: TimeSource(clock)).whileRunning(body)
    }

    /// Runs `body` with a pool inside this one: in its snapshot, cancelled with it, and on its clock.
    ///
    /// ```swift
    /// try await pool.scope(name: "parts of 7") { parts in
    ///     _ = try parts.submit("head") { try await load(.head) }
    ///     await parts.untilEmpty()
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: Names the inner pool in reports.
    ///   - limit: How many tasks it has at a time; they take no slots of this pool.
    ///   - body: Submits tasks, and awaits those whose results matter.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw.
    public func scope<Success: Sendable, Failure: Error>(
        name: String,
        limit: Int = serviceLimit,
        _ body: (TaskPool) async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let child = TaskPool(name: name, limit: limit, time: time)
        let (isClosed, alarm) = record.withLock { record in
            record.children[ObjectIdentifier(child)] = child
            return (record.isClosed, record.alarm)
        }
        // A detector that watches this pool watches the new one too.
        alarm?.fire()
        defer { _ = record.withLock { $0.children.removeValue(forKey: ObjectIdentifier(child)) } }
        if isClosed { child.close() }
        return try await child.whileRunning(body)
    }

    private func whileRunning<Success: Sendable, Failure: Error>(
        _ body: (TaskPool) async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let result = await withDiscardingTaskGroup { group -> Result<Success, Failure> in
            group.addTask { await self.run() }
            defer { close() }
            do throws(Failure) {
                return .success(try await body(self))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

// MARK: Submitting

extension TaskPool {
    /// Starts a task in a slot of its own; callable from any thread, returns at once.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled; nil: as long as its owner.
    ///   - operation: The work; when it is cancelled it should end soon, and release what it holds in any case.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is full or closed; the operation is dropped then.
    @inlinable
    public func submit<Success: Sendable>(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        // Inlined, so that the caller's compiler knows the types.
        TaskHandle(try start(name, deadline) { try await operation() })
    }

    /// Starts a task as soon as there is a slot; those who wait get theirs in turn.
    ///
    /// A task of a pool that waits here is `blocked`.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled, from its begin.
    ///   - operation: The work; when it is cancelled it should end soon, and release what it holds in any case.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is closed, or the waiting task is cancelled; the operation is dropped then.
    @inlinable
    public func submitWhenFree<Success: Sendable>(
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
        let task = PooledTask(name, in: self, deadline: deadline, batch: nil, operation: operation)
        try admitAtOnce(task)
        return AdmittedTask(task)
    }

    @usableFromInline
    func startWhenFree(
        _ name: String,
        _ deadline: Duration?,
        _ operation: @escaping @Sendable () async throws -> any Sendable
    ) async throws(TaskPoolError) -> AdmittedTask {
        let task = PooledTask(name, in: self, deadline: deadline, batch: nil, operation: operation)
        try await admitWhenFree(task)
        return AdmittedTask(task)
    }

    func admitAtOnce(_ task: PooledTask) throws(TaskPoolError) {
        guard try admit(task) else { throw .full(name: task.name, limit: limit) }
    }

    func admitWhenFree(_ task: PooledTask) async throws(TaskPoolError) {
        if try admit(task) { return }
        let wait = Self.beginWait(for: .slot(self))
        let grant = await slot()
        wait?.end()
        switch grant {
        case .granted: break
        case .closed: throw .closed(name: task.name)
        case .cancelled: throw .cancelled(name: task.name)
        }
        guard try admit(task, hasSlot: true) else { preconditionFailure("a granted slot was taken") }
    }

    /// Returns false when there is no slot.
    private func admit(_ task: PooledTask, hasSlot: Bool = false) throws(TaskPoolError) -> Bool {
        switch record.withLock({ $0.admit(task, hasSlot: hasSlot) }) {
        case .admitted(let sleeper):
            sleeper?.resume()
            return true
        case .full:
            return false
        case .closed:
            if hasSlot { returnSlot() }
            throw .closed(name: task.name)
        }
    }

    func returnSlot() {
        let (producer, emptied) = record.withLock { $0.returnSlot() }
        producer?.continuation.resume(returning: .granted)
        for signal in emptied {
            signal.fire()
        }
    }

    /// Waits in turn; a series waits for as long as it has tasks that nobody runs.
    func slot(for series: TaskSeries? = nil) async -> TaskPoolRecord.SlotGrant {
        let ticket = record.withLock { $0.ticket() }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                // A task is marked as cancelled before its handler runs, so one of the two sees the other.
                let grant = record.withLock { record in
                    let producer = TaskPoolRecord.Producer(ticket: ticket, continuation: continuation, series: series)
                    return record.wait(producer, isCancelled: Task.isCancelled)
                }
                if let grant { continuation.resume(returning: grant) }
            }
        } onCancel: {
            record.withLock { $0.giveUp(ticket) }?.continuation.resume(returning: .cancelled)
        }
    }
}

// MARK: Looking and cancelling

extension TaskPool {
    /// How many tasks the pool takes at a time.
    public var limit: Int {
        record.withLock { $0.limit }
    }

    /// How many slots are taken.
    public var count: Int {
        record.withLock { $0.taken }
    }

    /// The tasks that have not ended, and how the others ended.
    ///
    /// The pool is locked only while its list of tasks is taken.
    public func snapshot() -> TaskPoolStatus {
        let record = record.withLock { $0 }
        var tasks: [TaskStatus] = []
        tasks.reserveCapacity(record.taken)
        for task in record.slots.lazy.compactMap(\.self) {
            let status = Self.status(of: task, record.waits)
            // It may have ended since.
            if status.ended == nil { tasks.append(status) }
        }
        var status = TaskPoolStatus(
            name: name,
            limit: record.limit,
            tasks: tasks,
            completed: record.counts.completed,
            failed: record.counts.failed,
            cancelled: record.counts.cancelled,
            children: record.children.values.map { $0.snapshot() }.sorted { $0.name < $1.name }
        )
        for series in record.series.values {
            series.add(to: &status, record.waits)
        }
        status.tasks.sort { $0.number < $1.number }
        return status
    }

    func status(of task: PooledTask) -> TaskStatus {
        guard let runner = task.runner, let wait = record.withLock({ $0.waits[runner] }) else { return task.ownStatus }
        return Self.status(of: task, [runner: wait])
    }

    private static func status(of task: PooledTask, _ waits: [RunningTask: TaskWait]) -> TaskStatus {
        var status = task.ownStatus
        // A runner takes over other tasks: what it waits for is this task's wait only while it runs this task.
        guard !waits.isEmpty, status.state == .running, let runner = task.runner, let wait = waits[runner],
            let started = status.started, started <= wait.since
        else { return status }
        status.state = .blocked
        status.blocked = wait.since
        return status
    }

    /// Cancels every task that has not ended, those of the pools inside this one too.
    public func cancelAll() {
        cancelAll(of: nil)
    }

    func cancelAll(of batch: ObjectIdentifier?) {
        let (slots, children, series) = record.withLock { ($0.slots, $0.children.values, $0.series.values) }
        for task in slots.lazy.compactMap(\.self) where batch == nil || task.batchIdentity == batch {
            task.cancel()
        }
        guard batch == nil else { return }
        for series in series {
            series.stop()
        }
        for child in children {
            child.cancelAll()
        }
    }

    /// Suspends until no slot is taken, or until the current task is cancelled.
    public func untilEmpty() async {
        let emptied = Signal()
        if !record.withLock({ $0.whenEmpty(emptied) }) { await emptied.wait() }
    }
}

// MARK: Running

extension TaskPool {
    /// How many runners a task starts at most: a task group finds an ended child by walking along its children.
    private static let fanOut = 16

    /// Runs what is submitted, until the pool is closed and empty.
    func run() async {
        await Self.$current.withValue(self) {
            await withDiscardingTaskGroup { group in
                while let missing = record.withLock({ $0.startRunners() }) {
                    if 0 < missing { group.addTask { await self.serve(with: missing) } }
                    await untilSubmitted()
                }
            }
        }
    }

    private func untilSubmitted() async {
        await withUnsafeContinuation { continuation in
            if !record.withLock({ $0.sleep(continuation) }) { continuation.resume() }
        }
    }

    /// Runs tasks with several runners, as a tree.
    private func serve(with runners: Int) async {
        await withDiscardingTaskGroup { group in
            var remaining = runners
            for branch in (1...min(Self.fanOut, runners)).reversed() {
                let share = remaining / branch
                remaining -= share
                // A frame with a task group in it is large, and there are as many leaves as tasks.
                if share == 1 {
                    group.addTask { await self.serve() }
                } else {
                    group.addTask { await self.serve(with: share) }
                }
            }
        }
    }

    /// Runs a task, and others after it while there are some that have no runner.
    private func serve() async {
        guard let runner = RunningTask.current else { preconditionFailure("an async function runs in a task") }
        var next = record.withLock { $0.firstTask() }
        while let task = next {
            next = await task.perform(on: runner)
        }
    }

    func finish(_ task: PooledTask, _ final: TaskState) -> PooledTask? {
        // A cancelled runner stays cancelled: the next task gets another one.
        let runnerGoesOn = !Task.isCancelled
        let (producer, next, emptied) = record.withLock { $0.finish(task, final, runnerGoesOn: runnerGoesOn) }
        producer?.continuation.resume(returning: .granted)
        for signal in emptied {
            signal.fire()
        }
        return next
    }

    /// Takes no further task and cancels those that it has.
    func close() {
        let (sleeper, producers) = record.withLock { $0.close() }
        sleeper?.resume()
        for producer in producers {
            producer.continuation.resume(returning: .closed)
        }
        cancelAll()
    }
}
