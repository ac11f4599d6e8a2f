import Synchronization

/// Many tasks made from one operation: each exists from the moment at which a slot is there for it to its end.
///
/// As many runners as there are slots take one task after the other. What a task costs is its turn: no object, no
/// closure and no child task of its own, and what is kept of it afterwards is its value.
@usableFromInline
final class TaskSeries: Sendable {
    /// Adds the runners of a crew to the crew's group.
    @usableFromInline
    typealias Start = @Sendable (TaskCrew, inout DiscardingTaskGroup) -> Void

    private struct State: Sendable {
        var crews: [ObjectIdentifier: TaskCrew] = [:]
        /// Of the crews that have ended.
        var counts = TaskCounts()
        var failure: (any Error)?
    }

    let pool: TaskPool
    let name: String
    private let count: Int
    private let firstNumber: UInt64
    private let stopsAtFailure: Bool
    private let position = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let isOver = Signal()
    private let state = Mutex(State())

    init(_ name: String, in pool: TaskPool, count: Int, firstNumber: UInt64, stopsAtFailure: Bool) {
        self.name = name
        self.pool = pool
        self.count = count
        self.firstNumber = firstNumber
        self.stopsAtFailure = stopsAtFailure
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// What failed first.
    @usableFromInline
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Of all tasks, when all crews have ended.
    var counts: TaskCounts { state.withLock { $0.counts } }

    func number(at position: Int) -> UInt64 { firstNumber + UInt64(position) }

    /// Whether every task has begun, or will not begin.
    var isExhausted: Bool { count <= position.load(ordering: .sequentiallyConsistent) }

    /// The position of a task that nobody runs yet; nil when there is none, or when others wait for the slot.
    func next() -> Int? {
        // Whoever waits came first; the series waits for its next slot in turn.
        guard pool.submitters.isZero else { return nil }
        let next = position.add(1, ordering: .sequentiallyConsistent).oldValue
        if next == count { pool.dismiss(self) }
        return next < count ? next : nil
    }

    /// Begins no further task, and cancels those that run.
    func stop() {
        stopped.store(true, ordering: .relaxed)
        position.store(count, ordering: .sequentiallyConsistent)
        pool.dismiss(self)
        isOver.fire()
    }

    func note(_ error: any Error) {
        guard stopsAtFailure else { return }
        let isFirst = state.withLock { state in
            defer { state.failure = state.failure ?? error }
            return state.failure == nil
        }
        if isFirst { stop() }
    }

    func add(to status: inout TaskPoolStatus, _ waits: [RunningTask: TaskWait]) {
        let (crews, counts) = state.withLock { ($0.crews.values, $0.counts) }
        counts.add(to: &status)
        for crew in crews {
            crew.add(to: &status, waits)
        }
    }
}

// MARK: Running

extension TaskSeries {
    /// Runs all tasks, with runners that `start` starts for each crew.
    @usableFromInline
    func run(_ start: @escaping Start) async {
        let wait = TaskPool.beginWait(for: .batch(pool))
        await TaskPool.$current.withValue(pool) {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await self.recruit(start)
                    self.isOver.fire()
                }
                await isOver.wait()
                if Task.isCancelled { stop() }
                if isStopped { group.cancelAll() }
            }
        }
        pool.end(self)
        wait?.end()
    }

    /// Starts runners while there are slots and tasks.
    private func recruit(_ start: @escaping Start) async {
        await withDiscardingTaskGroup { group in
            while true {
                let missing = count - position.load(ordering: .relaxed)
                guard 0 < missing, let runners = await pool.slots(min(missing, TaskCrew.size), for: self) else {
                    return
                }
                let crew = TaskCrew(self, runners: runners)
                state.withLock { $0.crews[ObjectIdentifier(crew)] = crew }
                group.addTask {
                    await crew.run(start)
                    self.end(crew)
                }
                // What has begun goes first: as many tasks live as it takes to keep the executor busy, not more.
                await Task.yield()
            }
        }
    }

    private func end(_ crew: TaskCrew) {
        state.withLock { state in
            state.crews[ObjectIdentifier(crew)] = nil
            state.counts += crew.counts
        }
    }
}
