import Synchronization

/// Some of the runners of a series, and what each of them does: a leaf of the series' tree of tasks.
///
/// One lock for a few dozen runners, taken once for each task, by whoever runs it.
@usableFromInline
final class TaskCrew: Sendable {
    /// How many runners a crew has: a task group finds an ended child by walking along its children, and a lock is
    /// shared by as many.
    static let size = 64

    private struct Place: Sendable {
        let runner: RunningTask
        /// Where in the series its task is; nil: it has none any more.
        var position: Int?
        var started = Duration.zero
    }

    private struct State: Sendable {
        var places: [Place] = []
        var counts = TaskCounts()
    }

    private let series: TaskSeries
    @usableFromInline let runners: Int
    private let state = Mutex(State())

    init(_ series: TaskSeries, runners: Int) {
        self.series = series
        self.runners = runners
        state.withLock { $0.places.reserveCapacity(runners) }
    }

    func run(_ start: TaskSeries.Start) async {
        await withDiscardingTaskGroup { start(self, &$0) }
    }

    var counts: TaskCounts { state.withLock { $0.counts } }

    /// How the tasks of the crew are and were.
    func add(to status: inout TaskPoolStatus, _ waits: [RunningTask: TaskWait]) {
        let state = state.withLock { $0 }
        state.counts.add(to: &status)
        for place in state.places {
            guard let position = place.position else { continue }
            let number = series.number(at: position)
            var task = TaskStatus(number: number, name: series.name, state: .running, created: place.started)
            task.started = place.started
            if !waits.isEmpty, let wait = waits[place.runner] {
                task.state = .blocked
                task.blocked = wait.since
            }
            status.tasks.append(task)
        }
    }
}

// MARK: On a runner

extension TaskCrew {
    /// The place of a new runner.
    @usableFromInline
    func join() -> Int {
        guard let runner = RunningTask.current else { preconditionFailure("an async function runs in a task") }
        return state.withLock { state in
            state.places.append(Place(runner: runner))
            return state.places.count - 1
        }
    }

    /// Where in the series the first task of a runner is; nil: there is none, and the slot is returned.
    @usableFromInline
    func begin(_ place: Int) -> Int? {
        next(place) { _ in }
    }

    /// The runner's task has returned; where its next one is.
    @usableFromInline
    func complete(_ place: Int) -> Int? {
        next(place) { $0.completed += 1 }
    }

    /// The runner's task has thrown; where its next one is.
    @usableFromInline
    func fail(_ place: Int, _ error: any Error) -> Int? {
        let isCancelled = series.isStopped || Task.isCancelled && error is CancellationError
        series.note(error)
        return next(place) { counts in
            if isCancelled { counts.cancelled += 1 } else { counts.failed += 1 }
        }
    }

    @inline(__always)
    private func next(_ place: Int, _ count: (inout TaskCounts) -> Void) -> Int? {
        let position = series.next()
        let now = position == nil ? Duration.zero : series.pool.time.elapsed()
        state.withLock { state in
            count(&state.counts)
            state.places[place].position = position
            state.places[place].started = now
        }
        if position == nil { series.pool.returnSlot() }
        return position
    }
}
