import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskPoolProducerTests {
    /// How many tasks run, and ran at most.
    private final class Load: Sendable {
        private let counts = Mutex((running: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func begin() {
            counts.withLock { counts in
                counts.running += 1
                counts.most = max(counts.most, counts.running)
            }
        }

        func end() {
            counts.withLock { $0.running -= 1 }
        }
    }

    @Test func `many producers share a few slots, and never more tasks run than there are slots`() async throws {
        let load = Load()
        try await TaskPool.scope(limit: 3) { pool in
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<500 {
                            _ = try await pool.submitWhenFree("task") {
                                load.begin()
                                await Task.yield()
                                load.end()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await pool.untilEmpty()
            #expect(pool.snapshot().completed == 4_000)
        }
        #expect(1...3 ~= load.most)
    }

    @Test func `a producer that waits is cancelled at any moment, and loses no slot`() async throws {
        try await TaskPool.scope { producers in
            try await TaskPool.scope(limit: 1) { pool in
                for round in 0..<1_000 {
                    let gate = Gate()
                    let holder = try await pool.submitWhenFree("holder") { await gate.pass() }
                    let producer = try producers.submit("producer") {
                        _ = try await pool.submitWhenFree("late") {}
                    }
                    if round.isMultiple(of: 3) { await Task.yield() }
                    if round.isMultiple(of: 2) { gate.open() }
                    producer.cancel()
                    gate.open()
                    _ = await producer.result
                    _ = await holder.result
                }
                await pool.untilEmpty()
                #expect(pool.count == 0)
            }
        }
    }

    @Test func `closing a pool ends the wait of its producers`() async throws {
        try await TaskPool.scope { producers in
            let gate = Gate()
            let waiting = try await TaskPool.scope(limit: 1) { pool in
                _ = try pool.submit("holder") {
                    await gate.pass()
                }
                let waiting = try producers.submit("producer") {
                    _ = try await pool.submitWhenFree("late") {}
                }
                while waiting.status.state != .blocked { await Task.yield() }
                gate.open()
                return waiting
            }
            // Either it got the slot before the pool closed, or it hears of the end.
            switch await waiting.result {
            case .success: #expect(waiting.status.state == .completed)
            case .failure(let error): #expect(error as? TaskPoolError == .closed(name: "late"))
            }
        }
    }

    @Test func `whoever waits for a slot comes before whoever asks later`() async throws {
        let gate = Gate()
        try await TaskPool.scope { producers in
            try await TaskPool.scope(limit: 1) { pool in
                _ = try pool.submit("holder") { await gate.pass() }
                let waiting = try producers.submit("producer") { try await pool.submitWhenFree("first") {}.value }
                while waiting.status.state != .blocked { await Task.yield() }
                #expect(throws: TaskPoolError.full(name: "barger", limit: 1)) { try pool.submit("barger") {} }
                gate.open()
                try await waiting.value
            }
        }
    }

    @Test func `cancelling one task does not touch those that its runner would have taken over`() async throws {
        try await TaskPool.scope(limit: 4) { pool in
            for _ in 0..<300 {
                let endless = try await pool.submitWhenFree("endless") { await untilCancelled() }
                let others = try (0..<3).map { _ in try pool.submit("other") { Task.isCancelled } }
                endless.cancel()
                for other in others {
                    #expect(try await other.value == false)
                }
                // It may not have begun.
                _ = await endless.result
                await pool.untilEmpty()
            }
        }
    }

    @Test func `cancelling a pool cancels the pools inside it, and they end first`() async throws {
        let journal = Journal()
        try await TaskPool.scope { pool in
            try await pool.scope(name: "inner") { inner in
                let running = Gate()
                let endless = try inner.submit("endless") {
                    running.open()
                    await untilCancelled()
                    journal.write("ended")
                }
                await running.pass()
                pool.cancelAll()
                try await endless.value
            }
            #expect(journal.entries == ["ended"])
            #expect(pool.snapshot().children.isEmpty)
        }
    }
}
