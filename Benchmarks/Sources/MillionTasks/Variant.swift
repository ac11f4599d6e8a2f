import Supervision
import SupervisionRuntime

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

    func run(_ sleep: Duration) async throws -> Measurement {
        let clock = ContinuousClock()
        let progress = Progress()
        let start = clock.now
        let sum =
            switch self {
            case .pool: try await WorkerExecutor.scope { try await Self.pool($0.clock, sleep, progress) }
            case .batch: try await WorkerExecutor.scope { try await Self.batch($0.clock, sleep, progress) }
            case .handles: try await WorkerExecutor.scope { try await Self.handles($0.clock, sleep, progress) }
            case .plainPool: try await Self.plainPool(sleep, progress)
            case .group: try await Self.group(sleep, progress)
            }
        let total = start.duration(to: clock.now)
        precondition(sum == Work.sum, "the sum is \(sum)")
        let created = start.duration(to: progress.created)
        return Measurement(name: rawValue, created: created, most: progress.most, total: total)
    }

    private static func pool(_ clock: WheelClock, _ sleep: Duration, _ progress: Progress) async throws -> Int {
        try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            let values = try await pool.collect("sleeper", count: Work.tasks) { number in
                progress.see(number) { pool.count }
                try await clock.sleep(for: sleep)
                return number
            }
            return values.reduce(0, +)
        }
    }

    private static func plainPool(_ sleep: Duration, _ progress: Progress) async throws -> Int {
        try await TaskPool.scope(limit: Work.slots) { pool in
            let values = try await pool.collect("sleeper", count: Work.tasks) { number in
                progress.see(number) { pool.count }
                try await Task.sleep(for: sleep)
                return number
            }
            return values.reduce(0, +)
        }
    }

    private static func batch(_ clock: WheelClock, _ sleep: Duration, _ progress: Progress) async throws -> Int {
        try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            let batch = pool.batch(of: Int.self)
            for number in 0..<Work.tasks {
                try await batch.submitWhenFree("sleeper") {
                    try await clock.sleep(for: sleep)
                    return number
                }
                progress.see(number) { pool.count }
            }
            return try await batch.collect().reduce(0, +)
        }
    }

    private static func handles(_ clock: WheelClock, _ sleep: Duration, _ progress: Progress) async throws -> Int {
        try await TaskPool.scope(limit: Work.slots, clock: clock) { pool in
            var handles: [TaskHandle<Int>] = []
            handles.reserveCapacity(Work.tasks)
            for number in 0..<Work.tasks {
                let handle = try await pool.submitWhenFree("sleeper") {
                    try await clock.sleep(for: sleep)
                    return number
                }
                handles.append(handle)
                progress.see(number) { pool.count }
            }
            var sum = 0
            for handle in handles {
                sum += try await handle.value
            }
            return sum
        }
    }

    private static func group(_ sleep: Duration, _ progress: Progress) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            var sum = 0
            for number in 0..<Work.tasks {
                if Work.slots <= number, let value = try await group.next() { sum += value }
                group.addTask {
                    try await Task.sleep(for: sleep)
                    return number
                }
                // Those that have ended and wait to be asked for are among them.
                progress.see(number) { min(number + 1, Work.slots) }
            }
            for try await value in group {
                sum += value
            }
            return sum
        }
    }
}
