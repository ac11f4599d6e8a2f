import Synchronization

/// A task of a pool: one object from its submission to the last look at its result.
///
/// Nothing here depends on the type of the result: generic code that is compiled apart from its callers finds its types
/// at run time, and costs more than everything else that a small task does.
final class PooledTask: Sendable {
    typealias Operation = @Sendable () async throws -> any Sendable
    typealias Outcome = Result<any Sendable, any Error>
    typealias Waiter = UnsafeContinuation<Outcome, Never>

    private enum Stage {
        case created(Operation)
        case running
        case ended(Outcome)
    }

    private struct Content {
        var stage: Stage
        var waiters: [(ticket: Int, waiter: Waiter)] = []
        var lastTicket = 0
    }

    let pool: TaskPool
    let name: String
    private let numberInPool = Atomic<UInt64>(0)
    private let slotInPool = Atomic<Int>(0)
    private let created: Duration
    private let deadline: Duration?
    private let batch: TaskResults?
    private let index: Int
    private let life = Mutex(TaskLife())
    private let content: Mutex<Content>

    init(
        _ name: String,
        in pool: TaskPool,
        deadline: Duration?,
        batch: (TaskResults, index: Int)?,
        operation: @escaping Operation
    ) {
        self.name = name
        self.pool = pool
        self.deadline = deadline
        self.batch = batch?.0
        index = batch?.index ?? 0
        created = pool.time.elapsed()
        content = Mutex(Content(stage: .created(operation)))
    }

    /// The number of the task in its pool, ascending.
    var number: UInt64 { numberInPool.load(ordering: .relaxed) }

    /// Cancels the task, now or before it begins; what it then does is up to its operation.
    func cancel() {
        interrupt(.cancelled)
    }

    /// How the task ended; suspends until then, whether or not the waiting task is cancelled.
    ///
    /// An operation that returned is a success even when it was cancelled: what it made has to be released by someone.
    /// A task that waits here for another one is `blocked`.
    var result: Outcome {
        get async {
            if let result = content.withLock({ Self.result(of: $0) }) { return result }
            let wait = TaskPool.beginWait(for: .task(self))
            let result = await withUnsafeContinuation { (waiter: Waiter) in
                if let result = resultOrWait(waiter, 0) { waiter.resume(returning: result) }
            }
            wait?.end()
            return result
        }
    }

    /// What the task returned.
    ///
    /// The wait ends early when the waiting task is cancelled, so that a circle of waiting tasks can be cut. Whoever
    /// has to release what the task makes waits for its `result`.
    ///
    /// - Throws: What the task threw, or `TaskPoolError.deadlineExceeded`, or `CancellationError` when the waiting task
    ///   is cancelled.
    var valueOrCancellation: any Sendable {
        get async throws {
            if let result = content.withLock({ Self.result(of: $0) }) { return try result.get() }
            let ticket = content.withLock { content in
                content.lastTicket += 1
                return content.lastTicket
            }
            let wait = TaskPool.beginWait(for: .task(self))
            let result = await withTaskCancellationHandler {
                await withUnsafeContinuation { (waiter: Waiter) in
                    if let result = resultOrWait(waiter, ticket) { waiter.resume(returning: result) }
                }
            } onCancel: {
                giveUp(ticket)?.resume(returning: .failure(CancellationError()))
            }
            wait?.end()
            return try result.get()
        }
    }

    /// Keeps the waiter when there is no result yet; the ticket is that of a wait that ends with its task's
    /// cancellation, or 0.
    private func resultOrWait(_ waiter: Waiter, _ ticket: Int) -> Outcome? {
        content.withLock { content in
            if let result = Self.result(of: content) { return result }
            // A task is marked as cancelled before its handler runs, so one of the two sees the other.
            if ticket != 0, Task.isCancelled { return .failure(CancellationError()) }
            content.waiters.append((ticket, waiter))
            return nil
        }
    }

    private func giveUp(_ ticket: Int) -> Waiter? {
        content.withLock { content in
            guard let index = content.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return content.waiters.remove(at: index).waiter
        }
    }

    private static func result(of content: Content) -> Outcome? {
        switch content.stage {
        case .created, .running: nil
        case .ended(let result): result
        }
    }
}

// MARK: Running

extension PooledTask {
    var slot: Int { slotInPool.load(ordering: .relaxed) }
    var batchIdentity: ObjectIdentifier? { batch.map(ObjectIdentifier.init) }
    var runner: RunningTask? { life.withLock { $0.runner } }

    var ownStatus: TaskStatus {
        life.withLock { life in
            var status = TaskStatus(number: number, name: name, state: life.state, created: created)
            switch life.state {
            case .created:
                break
            case .running, .blocked:
                status.started = life.started
            case .completed, .failed, .cancelled:
                status.started = life.hasBegun ? life.started : nil
                status.ended = life.ended
            }
            return status
        }
    }

    func admit(number: UInt64, slot: Int) {
        numberInPool.store(number, ordering: .relaxed)
        slotInPool.store(slot, ordering: .relaxed)
    }

    func perform(on runner: RunningTask) async -> PooledTask? {
        guard let operation = begin(on: runner) else {
            return end(.cancelled, .failure(CancellationError()))
        }
        let result: Outcome
        if let deadline {
            result = await perform(operation, within: deadline)
        } else {
            do {
                result = .success(try await operation())
            } catch {
                result = .failure(error)
            }
        }
        if !life.withLock({ $0.release() }) { await cancelled() }
        switch result {
        case .success:
            return end(.completed, result)
        case .failure(let error):
            let isCancelled = Task.isCancelled
            let verdict = life.withLock { $0.judge(error, of: name, taskIsCancelled: isCancelled) }
            return end(verdict.state, .failure(verdict.error))
        }
    }

    private func begin(on runner: RunningTask) -> Operation? {
        let now = pool.time.elapsed()
        guard life.withLock({ $0.begin(on: runner, at: now) }) else { return nil }
        return content.withLock { content in
            guard case .created(let operation) = content.stage else { preconditionFailure("a task began twice") }
            content.stage = .running
            return operation
        }
    }

    // Its frame is large: not part of that of a task without deadline.
    @inline(never)
    private func perform(_ operation: Operation, within deadline: Duration) async -> Outcome {
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    try await self.pool.time.sleep(deadline)
                } catch {
                    // The operation has ended: nobody waits for the deadline any more.
                    return
                }
                self.interrupt(.deadline(deadline))
            }
            defer { group.cancelAll() }
            do {
                return .success(try await operation())
            } catch {
                return .failure(error)
            }
        }
    }

    /// Cancels the operation, now or before it begins; the first reason counts.
    ///
    /// The operation's cancellation handlers run in here, outside of the lock: they may read the state, or cancel
    /// again, which then does nothing.
    private func interrupt(_ reason: TaskLife.Interruption) {
        guard let runner = life.withLock({ $0.interrupt(reason) }) else { return }
        runner.cancel()
        life.withLock { $0.interrupted() }?.resume()
    }

    /// Suspends until whoever cancels the task has let go of it.
    private func cancelled() async {
        await withUnsafeContinuation { continuation in
            if !life.withLock({ $0.wait(continuation) }) { continuation.resume() }
        }
    }

    /// Frees the slot first, so that whoever hears of the end finds it free.
    private func end(_ final: TaskState, _ result: Outcome) -> PooledTask? {
        let now = pool.time.elapsed()
        life.withLock { $0.end(final, at: now) }
        let next = pool.finish(self, final)
        let waiters = content.withLock { content in
            content.stage = .ended(result)
            let waiters = content.waiters
            content.waiters = []
            return waiters
        }
        for (_, waiter) in waiters {
            waiter.resume(returning: result)
        }
        batch?.record(result, at: index)
        return next
    }
}
