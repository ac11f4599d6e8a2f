import Synchronization

/// Tracked tasks with slots and deadlines, which end before their owner does.
///
/// Tasks are submitted from any thread, without waiting, and run as child tasks of the pool's owner. Each takes a
/// slot from its submission to its end.
public final class TaskPool: Sendable {
    /// The slots of a service's pool: a dial for each local port is the most that one address can have under way.
    public static let serviceLimit = 65_536

    private struct State {
        var tasks: [UInt64: TaskCore] = [:]
        var lastNumber: UInt64 = 0
        var isClosed = false
        var completed = 0
        var failed = 0
        var cancelled = 0
        var emptied: [Signal] = []
    }

    private let limit: Int
    private let time: TimeSource
    private let jobs = Mailbox<TaskJob>()
    private let state = Mutex(State())

    init(limit: Int, time: TimeSource) {
        self.limit = limit
        self.time = time
    }

    /// Runs `body` with a pool of its own; what still runs when `body` returns is cancelled and awaited.
    public static func scope<Success: Sendable, Failure: Error>(
        limit: Int = serviceLimit,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: (TaskPool) async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let pool = TaskPool(limit: limit, time: TimeSource(clock))
        let result = await withDiscardingTaskGroup { group -> Result<Success, Failure> in
            group.addTask { await pool.run() }
            defer { pool.close() }
            do throws(Failure) {
                return .success(try await body(pool))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Starts a task in a slot of its own; callable from any thread, returns at once.
    ///
    /// - Parameters:
    ///   - name: Shown in the status of the pool.
    ///   - deadline: How long the operation may run before it is cancelled; nil: as long as its owner.
    ///   - operation: The work; when it is cancelled it should end soon, and release what it holds in any case.
    /// - Returns: The way to cancel the task and to its result.
    /// - Throws: When the pool is full or closed; the operation is dropped then.
    public func submit<Success: Sendable>(
        _ name: String,
        deadline: Duration? = nil,
        operation: @escaping @Sendable () async throws -> Success
    ) throws(TaskPoolError) -> TaskHandle<Success> {
        let now = time.elapsed()
        let core = try state.withLock { state throws(TaskPoolError) in
            guard !state.isClosed else { throw .closed(name: name) }
            guard state.tasks.count < limit else { throw .full(name: name, limit: limit) }
            state.lastNumber += 1
            let core = TaskCore(number: state.lastNumber, name: name, deadline: deadline, at: now)
            state.tasks[core.number] = core
            return core
        }
        let handle = TaskHandle<Success>(core)
        let job = TaskJob(core, handle: handle, operation: operation)
        if !jobs.send(job) {
            // Closed in between: the task was cancelled before it began.
            finish(core, .cancelled)
            throw .closed(name: name)
        }
        return handle
    }

    /// How many slots are taken.
    public var count: Int {
        state.withLock { $0.tasks.count }
    }

    /// The tasks that have not ended, and how the others ended.
    public func snapshot() -> TaskPoolStatus {
        state.withLock { state in
            TaskPoolStatus(
                limit: limit,
                tasks: state.tasks.values.map(\.status).sorted { $0.number < $1.number },
                completed: state.completed,
                failed: state.failed,
                cancelled: state.cancelled
            )
        }
    }

    /// Cancels every task that has not ended.
    public func cancelAll() {
        for core in state.withLock({ Array($0.tasks.values) }) {
            core.cancel()
        }
    }

    /// Suspends until no slot is taken, or until the current task is cancelled.
    public func untilEmpty() async {
        let emptied = Signal()
        let isEmpty = state.withLock { state in
            if state.tasks.isEmpty { return true }
            state.emptied.append(emptied)
            return false
        }
        if !isEmpty { await emptied.wait() }
    }
}

// MARK: Running

extension TaskPool {
    /// Runs what is submitted, until the pool is closed and empty.
    func run() async {
        await withDiscardingTaskGroup { group in
            while true {
                let batch = await jobs.receive()
                if batch.isEmpty { return }
                for job in batch {
                    group.addTask { await self.run(job) }
                }
            }
        }
    }

    /// Takes no further task and cancels those that it has.
    func close() {
        state.withLock { $0.isClosed = true }
        jobs.close()
        cancelAll()
    }

    private func run(_ job: TaskJob) async {
        let outcome =
            if let deadline = job.core.deadline {
                await run(job, deadline)
            } else {
                await job.core.run(at: time.elapsed(), job.perform)
            }
        finish(job.core, outcome?.state ?? .cancelled)
        if let outcome {
            outcome.deliver()
        } else {
            job.abandon()
        }
    }

    private func run(_ job: TaskJob, _ deadline: Duration) async -> TaskJob.Outcome? {
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    try await self.time.sleep(deadline)
                } catch {
                    // The operation has ended: nobody waits for the deadline any more.
                    return
                }
                job.core.interrupt(.deadline(deadline))
            }
            let outcome = await job.core.run(at: time.elapsed(), job.perform)
            group.cancelAll()
            return outcome
        }
    }

    private func finish(_ core: TaskCore, _ final: TaskState) {
        core.end(final, at: time.elapsed())
        let emptied = state.withLock { state -> [Signal] in
            state.tasks[core.number] = nil
            switch final {
            case .completed: state.completed += 1
            case .cancelled: state.cancelled += 1
            case .failed, .created, .running: state.failed += 1
            }
            guard state.tasks.isEmpty else { return [] }
            let emptied = state.emptied
            state.emptied = []
            return emptied
        }
        for signal in emptied {
            signal.fire()
        }
    }
}
