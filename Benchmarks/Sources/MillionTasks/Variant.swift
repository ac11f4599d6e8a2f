import Supervision
import SupervisionRuntime
import Synchronization

/// The ways to do the work.
enum Variant: String, CaseIterable {
    /// A task pool on the library's own executor and clock; the values are collected.
    case pool
    /// The same, each task submitted by itself to a batch.
    case batch
    /// The same, with a handle kept for each task, awaited one after the other.
    case handles
    /// A task pool on Swift's default executor and clock.
    case plainPool = "plain-pool"
    /// Swift's task group on the default executor, without tracking; tasks beyond the slots wait for the next result.
    case group

    func run() async throws -> Measurement {
        let clock = ContinuousClock()
        let start = clock.now
        let (sum, created): (Int, ContinuousClock.Instant)
        switch self {
        case .pool:
            (sum, created) = try await WorkerExecutor.scope { executor in
                try await Self.pool(executor)
            }
        case .batch:
            (sum, created) = try await WorkerExecutor.scope { executor in
                try await Self.batch(executor.clock)
            }
        case .handles:
            (sum, created) = try await WorkerExecutor.scope { executor in
                try await Self.handles(executor.clock)
            }
        case .plainPool:
            (sum, created) = try await Self.plainPool()
        case .group:
            (sum, created) = try await Self.group()
        }
        precondition(sum == Work.sum, "the sum is \(sum)")
        return Measurement(name: rawValue, created: start.duration(to: created), total: start.duration(to: clock.now))
    }

    private static func pool(_ executor: WorkerExecutor) async throws -> (Int, ContinuousClock.Instant) {
        let clock = executor.clock
        return try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            let created = Mutex(ContinuousClock.now)
            let values = try await pool.collect("sleeper", count: Work.tasks) { number in
                if number == Work.tasks - 1 { created.withLock { $0 = ContinuousClock.now } }
                try await clock.sleep(for: Work.sleep)
                return number
            }
            return (values.reduce(0, +), created.withLock { $0 })
        }
    }

    private static func plainPool() async throws -> (Int, ContinuousClock.Instant) {
        try await TaskPool.scope(limit: Work.slots) { pool in
            let created = Mutex(ContinuousClock.now)
            let values = try await pool.collect("sleeper", count: Work.tasks) { number in
                if number == Work.tasks - 1 { created.withLock { $0 = ContinuousClock.now } }
                try await Task.sleep(for: Work.sleep)
                return number
            }
            return (values.reduce(0, +), created.withLock { $0 })
        }
    }

    private static func batch<Source: Clock<Duration>>(_ clock: Source) async throws -> (Int, ContinuousClock.Instant) {
        try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            let batch = pool.batch(of: Int.self)
            for number in 0..<Work.tasks {
                try await batch.submitWhenFree("sleeper") {
                    try await clock.sleep(for: Work.sleep)
                    return number
                }
            }
            let created = ContinuousClock.now
            return (try await batch.collect().reduce(0, +), created)
        }
    }

    private static func handles<Source: Clock<Duration>>(_ clock: Source) async throws -> (Int, ContinuousClock.Instant)
    {
        try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            var handles: [TaskHandle<Int>] = []
            handles.reserveCapacity(Work.tasks)
            for number in 0..<Work.tasks {
                let handle = try await pool.submitWhenFree("sleeper") {
                    try await clock.sleep(for: Work.sleep)
                    return number
                }
                handles.append(handle)
            }
            let created = ContinuousClock.now
            var sum = 0
            for handle in handles {
                sum += try await handle.value
            }
            return (sum, created)
        }
    }

    private static func group() async throws -> (Int, ContinuousClock.Instant) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            var sum = 0
            for number in 0..<Work.tasks {
                if Work.slots <= number, let value = try await group.next() { sum += value }
                group.addTask {
                    try await Task.sleep(for: Work.sleep)
                    return number
                }
            }
            let created = ContinuousClock.now
            for try await value in group {
                sum += value
            }
            return (sum, created)
        }
    }
}
