import Supervision
import SupervisionRuntime
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WorkerExecutorTests {
    @Test(arguments: [1, 2, 4]) func `ten thousand sleeping tasks return their values`(workers: Int) async throws {
        let sum = try await WorkerExecutor.scope(workers: workers) { executor in
            try await TaskPool.scope(limit: 1_000, clock: executor.clock) { pool in
                let batch = pool.batch(of: Int.self)
                for number in 0..<10_000 {
                    try await batch.submitWhenFree("sleeper") {
                        try await executor.clock.sleep(for: .milliseconds(1))
                        return number
                    }
                }
                return try await batch.collect().reduce(0, +)
            }
        }
        #expect(sum == 10_000 * 9_999 / 2)
    }

    @Test func `a sleep ends when its task is cancelled, whenever that is`() async throws {
        try await WorkerExecutor.scope { executor in
            try await TaskPool.scope(limit: 2_000, clock: executor.clock) { pool in
                for round in 0..<2_000 {
                    let handle = try pool.submit("sleeper") {
                        try await executor.clock.sleep(for: .seconds(3_600))
                    }
                    if round % 2 == 0 { await Task.yield() }
                    handle.cancel()
                    await #expect(throws: CancellationError.self) { try await handle.value }
                }
            }
        }
    }

    @Test func `a sleep never ends early`() async throws {
        try await WorkerExecutor.scope { executor in
            for microseconds in [0, 1, 999, 1_000, 1_001, 70_000] {
                let duration = Duration.microseconds(microseconds)
                let start = executor.clock.now
                try await executor.clock.sleep(for: duration)
                #expect(duration <= start.duration(to: executor.clock.now))
            }
        }
    }

    @Test func `a deadline on the executor's clock cancels its task`() async throws {
        try await WorkerExecutor.scope { executor in
            try await TaskPool.scope(clock: executor.clock) { pool in
                let handle = try pool.submit("late", deadline: .milliseconds(5)) {
                    try await executor.clock.sleep(for: .seconds(3_600))
                }
                let expected = TaskPoolError.deadlineExceeded(name: "late", deadline: .milliseconds(5))
                await #expect(throws: expected) { try await handle.value }
            }
        }
    }
}
