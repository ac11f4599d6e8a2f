import Glibc
import Synchronization

/// Runs tasks on a few threads of its own, with a clock whose sleeps cost next to nothing.
///
/// For programs that have very many small tasks. It is opt-in: whoever runs `scope` decides that the tasks in it run
/// here, and everything else stays where it is.
///
/// ```swift
/// let sum = try await WorkerExecutor.scope(workers: 2) { executor in
///     try await TaskPool.scope(limit: 100_000, clock: executor.clock) { pool in
///         try await pool.collect("sleeper", count: 1_000_000) { number in
///             try await executor.clock.sleep(for: .milliseconds(1))
///             return number
///         }.reduce(0, +)
///     }
/// }
/// ```
///
/// A job must not block its thread: the jobs of its batch wait for it.
public final class WorkerExecutor: TaskExecutor, Sendable {
    private let workers: [Worker]
    /// Finds the worker of a thread: the number of the worker plus one.
    private let key: pthread_key_t
    private let nextWorker = Atomic<Int>(0)
    private let running: Atomic<Int>
    private let ended = Mutex<UnsafeContinuation<Void, Never>?>(nil)

    private init(workers count: Int) {
        precondition(0 < count, "cannot run tasks without workers")
        workers = (0..<count).map(Worker.init)
        running = Atomic(count)
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "cannot make a key for threads: end another executor first")
        self.key = key
    }

    deinit {
        pthread_key_delete(key)
    }

    /// The clock whose sleeps are on this executor's timing wheels.
    public var clock: WheelClock { WheelClock(executor: self) }

    /// Runs `body` and the tasks in it on threads of their own, which end before this returns.
    ///
    /// - Parameters:
    ///   - workers: The number of threads.
    ///   - body: The work; unstructured tasks in it do not run on the executor.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw.
    public static func scope<Success: Sendable, Failure: Error>(
        workers: Int = 2,
        _ body: @Sendable (WorkerExecutor) async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let executor = WorkerExecutor(workers: workers)
        executor.start()
        let result = await withTaskExecutorPreference(executor) { () -> Result<Success, Failure> in
            do throws(Failure) {
                return .success(try await body(executor))
            } catch {
                return .failure(error)
            }
        }
        await executor.stop()
        return try result.get()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let worker = current ?? anyWorker()
        // One job more is no reason to wake another thread: the worker is about to run it.
        guard worker.enqueue(job) > 1, 1 < workers.count else { return }
        for other in workers where other !== worker {
            if other.wake() { return }
        }
    }

    /// Resumes a sleeper that nobody cancels.
    @usableFromInline
    func wake(_ sleeper: UnsafeContinuation<Void, any Error>, after duration: Duration) {
        let deadline = WheelClock.nanoseconds() + duration.clampedNanoseconds
        _ = (current ?? anyWorker()).insert(sleeper, due: Self.tick(deadline))
    }

    /// The first tick that is not before the moment.
    private static func tick(_ deadline: Int64) -> UInt64 {
        UInt64(max(0, (deadline + WheelClock.tick - 1) / WheelClock.tick))
    }

    @usableFromInline
    func sleep(for duration: Duration) async throws {
        try await sleep(until: WheelClock.nanoseconds() + duration.clampedNanoseconds)
    }

    /// Suspends until the moment, by the system's monotonic clock.
    @inline(__always)
    func sleep(until deadline: Int64) async throws {
        let worker = current ?? anyWorker()
        let due = Self.tick(deadline)
        let ticket = Atomic<UInt64>(0)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (sleeper: Worker.Sleeper) in
                let inserted = worker.insert(sleeper, due: due)
                ticket.store(inserted.number, ordering: .sequentiallyConsistent)
                // A task is marked as cancelled before its handler runs, so one of the two sees the other.
                if Task.isCancelled { worker.remove(inserted)?.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            guard
                let ticket = TimingWheel<Worker.Sleeper>.Ticket(number: ticket.load(ordering: .sequentiallyConsistent))
            else { return }
            worker.remove(ticket)?.resume(throwing: CancellationError())
        }
    }

    /// Takes jobs over for a worker that has none.
    func help(_ worker: Worker, into batch: inout [UnownedJob]) {
        for distance in 1..<max(workers.count, 1) {
            workers[(worker.index + distance) % workers.count].give(into: &batch)
            if !batch.isEmpty { return }
        }
    }

    private var current: Worker? {
        let value = Int(bitPattern: pthread_getspecific(key))
        return value == 0 ? nil : workers[value - 1]
    }

    private func anyWorker() -> Worker {
        let number = nextWorker.add(1, ordering: .relaxed).oldValue
        return workers[number % workers.count]
    }
}

// MARK: Threads

extension WorkerExecutor {
    private func start() {
        for worker in workers {
            WorkerThread(self, worker).start()
        }
    }

    /// The life of a worker, on its own thread.
    func run(_ worker: Worker) {
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: worker.index + 1))
        worker.run(for: self)
        leave()
    }

    /// The last thread to leave tells.
    private func leave() {
        guard running.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
        ended.withLock { $0.take() }?.resume()
    }

    private func stop() async {
        await withUnsafeContinuation { continuation in
            ended.withLock { $0 = continuation }
            for worker in workers {
                worker.stop()
            }
        }
    }
}
