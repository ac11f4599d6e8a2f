import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskPoolTests {
    struct Boom: Error, Equatable {}

    @Test func `a result reaches whoever submitted the task`() async throws {
        try await TaskPool.scope { pool in
            let handle = try pool.submit("sum") { 1 + 1 }
            #expect(try await handle.value == 2)
            #expect(handle.status.state == .completed)
            #expect(pool.count == 0)
            #expect(pool.snapshot().completed == 1)
        }
    }

    @Test func `a failure reaches whoever submitted the task`() async throws {
        try await TaskPool.scope { pool in
            let handle = try pool.submit("fail") { throw Boom() }
            await #expect(throws: Boom()) { try await handle.value }
            #expect(handle.status.state == .failed)
            #expect(pool.snapshot().failed == 1)
        }
    }

    @Test func `a full pool refuses, and takes again when a slot is free`() async throws {
        let gate = Gate()
        try await TaskPool.scope(limit: 1) { pool in
            let first = try pool.submit("first") { await gate.pass() }
            #expect(throws: TaskPoolError.full(name: "second", limit: 1)) { try pool.submit("second") {} }
            gate.open()
            try await first.value
            try await pool.submit("third") {}.value
        }
    }

    @Test func `a cancelled task says so, and its operation hears of it`() async throws {
        try await TaskPool.scope { pool in
            let running = Gate()
            let handle = try pool.submit("endless") {
                running.open()
                await untilCancelled()
                try Task.checkCancellation()
            }
            await running.pass()
            handle.cancel()
            await #expect(throws: CancellationError.self) { try await handle.value }
            #expect(handle.status.state == .cancelled)
        }
    }

    @Test func `a cancellation handler may look at its task and cancel it again`() async throws {
        try await TaskPool.scope { pool in
            let running = Gate()
            let submitted = Gate()
            let box = Mutex<TaskHandle<Void>?>(nil)
            let handle = try pool.submit("curious") {
                await submitted.pass()
                await withTaskCancellationHandler {
                    running.open()
                    await untilCancelled()
                } onCancel: {
                    let handle = box.withLock { $0 }
                    handle?.cancel()
                    #expect(handle?.status.state == .running)
                }
            }
            box.withLock { $0 = handle }
            submitted.open()
            await running.pass()
            handle.cancel()
            try await handle.value
            #expect(pool.count == 0)
        }
    }

    @Test func `tasks cancelled at any moment of their life all end, with a value or a cancellation`() async throws {
        try await TaskPool.scope { pool in
            for _ in 0..<2_000 {
                let handle = try pool.submit("race") { try Task.checkCancellation() }
                handle.cancel()
                let result = await handle.result
                let state = handle.status.state
                switch result {
                case .success: #expect(state == .completed)
                case .failure(let error): #expect(error is CancellationError && state == .cancelled)
                }
            }
            #expect(pool.count == 0)
        }
    }

    @Test func `a value made in spite of a cancellation is delivered, so that it can be released`() async throws {
        try await TaskPool.scope { pool in
            let running = Gate()
            let handle = try pool.submit("connection") {
                running.open()
                await untilCancelled()
                return 7
            }
            await running.pass()
            handle.cancel()
            #expect(try await handle.value == 7)
        }
    }

    @Test func `a task past its deadline is cancelled and fails with the deadline`() async throws {
        let clock = ManualClock()
        try await TaskPool.scope(clock: clock) { pool in
            let handle = try pool.submit("dial", deadline: .seconds(5)) {
                await untilCancelled()
                try Task.checkCancellation()
            }
            await clock.untilSleepers(1)
            clock.advance(by: .seconds(5))
            let expected = TaskPoolError.deadlineExceeded(name: "dial", deadline: .seconds(5))
            await #expect(throws: expected) { try await handle.value }
            #expect(handle.status.state == .failed)
            #expect(handle.status.ended == .seconds(5))
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a task that ends in time leaves no timer`() async throws {
        let clock = ManualClock()
        try await TaskPool.scope(clock: clock) { pool in
            let gate = Gate()
            let handle = try pool.submit("dial", deadline: .seconds(5)) { await gate.pass() }
            await clock.untilSleepers(1)
            gate.open()
            try await handle.value
            await clock.untilSleepers(0)
        }
    }

    @Test func `a scope ends when its tasks have ended, and cancels them`() async throws {
        let journal = Journal()
        try await TaskPool.scope { pool in
            let running = Gate()
            _ = try pool.submit("endless") {
                running.open()
                await untilCancelled()
                journal.write("ended")
            }
            await running.pass()
        }
        #expect(journal.entries == ["ended"])
    }

    @Test func `a closed pool refuses`() async throws {
        let pool = await TaskPool.scope { $0 }
        #expect(throws: TaskPoolError.closed(name: "late")) { try pool.submit("late") {} }
    }

    @Test func `the status names what runs, oldest first`() async throws {
        let gate = Gate()
        try await TaskPool.scope(limit: 4) { pool in
            _ = try pool.submit("first") { await gate.pass() }
            _ = try pool.submit("second") { await gate.pass() }
            #expect(pool.snapshot().tasks.map(\.name) == ["first", "second"])
            #expect(pool.snapshot().limit == 4)
            gate.open()
            await pool.untilEmpty()
            #expect(pool.count == 0)
        }
    }

    @Test func `a hundred thousand tasks from many threads all end and are all counted`() async throws {
        let pool = try await TaskPool.scope(limit: 100_000) { pool in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        for number in 0..<25_000 {
                            _ = try pool.submit("task") { number }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await pool.untilEmpty()
            return pool
        }
        #expect(pool.snapshot().completed == 100_000)
    }
}
