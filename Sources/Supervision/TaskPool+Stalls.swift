import Synchronization

extension TaskPool {
    /// What a look at the waits of a pool found.
    struct Examination {
        var reports: [StallReport] = []
        /// In how long there is something to look at again; nil: not before a task begins to wait.
        var next: Duration?

        mutating func look(again interval: Duration) {
            next = min(next ?? interval, interval)
        }
    }

    /// Looks for waits past the limit, in this pool and in those inside it; the alarm is fired when there is something
    /// to look at earlier.
    func examine(limit: Duration, alarm: Signal) -> Examination {
        let now = time.elapsed()
        var examination = Examination()
        let (overdue, children) = record.withLock { record in
            record.alarm = alarm
            examination.reports = record.recovered.map(StallReport.taskRecovered)
            record.recovered = []
            let open = record.waits.filter { $0.value.reported == nil }
            let overdue = open.filter { limit <= now - $0.value.since }
            for (runner, wait) in open where overdue[runner] == nil {
                examination.look(again: limit - (now - wait.since))
            }
            record.wakesOnWait = open.count == overdue.count
            return (overdue, record.children.values)
        }
        for task in tasks(of: overdue) {
            judge(task, limit, &examination)
        }
        for child in children {
            let inner = child.examine(limit: limit, alarm: alarm)
            examination.reports += inner.reports
            if let next = inner.next { examination.look(again: next) }
        }
        return examination
    }

    /// The tasks that wait, oldest first.
    private func tasks(of waits: [RunningTask: TaskWait]) -> [PooledTask] {
        if waits.isEmpty { return [] }
        let slots = record.withLock { $0.slots }
        return slots.compactMap(\.self)
            .filter { task in task.runner.map { waits[$0] != nil } ?? false }
            .sorted { $0.number < $1.number }
    }

    private func judge(_ task: PooledTask, _ limit: Duration, _ examination: inout Examination) {
        // Another member of its circle may have been told of first, or the wait may be over.
        guard let wait = Self.wait(of: task), wait.reported == nil else { return }
        let circle = Self.circle(from: task)
        let described = circle.compactMap(Self.describe)
        guard !circle.isEmpty, described.count == circle.count else {
            guard let waiting = Self.describe(task) else { return }
            Self.note(waiting, of: task)
            examination.reports.append(.taskBlocked(waiting))
            return
        }
        let shortest = described.map(\.waited).min() ?? .zero
        guard limit <= shortest else {
            // It may still be a race: all of them have to be past the limit.
            examination.look(again: limit - shortest)
            return
        }
        for (member, waiting) in zip(circle, described) {
            Self.note(waiting, of: member)
        }
        examination.reports.append(.possibleDeadlock(described))
    }

    /// The tasks that wait for each other, from this one back to it; empty when there is no such circle.
    private static func circle(from start: PooledTask) -> [PooledTask] {
        var circle: [PooledTask] = []
        var seen: Set<ObjectIdentifier> = []
        var current = start
        while seen.insert(ObjectIdentifier(current)).inserted {
            circle.append(current)
            guard case .task(let next)? = wait(of: current)?.cause else { return [] }
            current = next
        }
        // A wait that leads into a circle is not part of it.
        return current === start ? circle : []
    }

    private static func wait(of task: PooledTask) -> TaskWait? {
        guard let runner = task.runner else { return nil }
        return task.pool.record.withLock { $0.waits[runner] }
    }

    private static func describe(_ task: PooledTask) -> WaitingTask? {
        guard let wait = wait(of: task) else { return nil }
        let cause: WaitingTask.Cause =
            switch wait.cause {
            case .task(let other): .task(pool: other.pool.name, number: other.number, name: other.name)
            case .slot(let pool): .slot(pool: pool.name)
            case .batch(let pool): .batch(pool: pool.name)
            }
        let waited = task.pool.time.elapsed() - wait.since
        return WaitingTask(pool: task.pool.name, number: task.number, name: task.name, cause: cause, waited: waited)
    }

    private static func note(_ waiting: WaitingTask, of task: PooledTask) {
        guard let runner = task.runner else { return }
        task.pool.record.withLock { $0.waits[runner]?.reported = waiting }
    }
}
