import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BlockedTaskTests {
    /// Where tasks find the handles of tasks that are submitted after them.
    private final class Board: Sendable {
        private let handles = Mutex<[Int: TaskHandle<Void>]>([:])
        let isComplete = Gate()

        subscript(index: Int) -> TaskHandle<Void>? {
            get { handles.withLock { $0[index] } }
            set { handles.withLock { $0[index] = newValue } }
        }
    }

    private let clock = ManualClock()
    private let journal = Journal()

    private func watching(_ body: (StallDetector) async throws -> Void) async throws {
        let detector = StallDetector(clock: clock) { [journal] in journal.write("\($0)") }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await detector.run() }
            try await body(detector)
            group.cancelAll()
        }
    }

    private func untilBlocked(_ count: Int, in pool: TaskPool) async {
        while pool.snapshot().tasks.count(where: { $0.state == .blocked }) < count {
            await Task.yield()
        }
    }

    @Test func `a task that awaits another one is blocked meanwhile`() async throws {
        let gate = Gate()
        try await TaskPool.scope(clock: clock) { pool in
            let first = try pool.submit("first") { await gate.pass() }
            clock.advance(by: .seconds(3))
            let second = try pool.submit("second") { try await first.value }
            await untilBlocked(1, in: pool)
            #expect(second.status.state == .blocked)
            #expect(second.status.blocked == .seconds(3))
            #expect(second.status.since == .seconds(3))
            #expect(first.status.state == .running)
            gate.open()
            try await second.value
            #expect(second.status.state == .completed)
            #expect(second.status.blocked == nil)
        }
    }

    @Test func `a task that waits for a slot is blocked meanwhile`() async throws {
        let gate = Gate()
        try await TaskPool.scope { pool in
            try await pool.scope(name: "narrow", limit: 1) { narrow in
                _ = try narrow.submit("holder") { await gate.pass() }
                let producer = try pool.submit("producer") { try await narrow.submitWhenFree("late") {}.value }
                await untilBlocked(1, in: pool)
                #expect(producer.status.state == .blocked)
                gate.open()
                try await producer.value
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func `tasks that wait for each other past the limit are one report that names them in order`(
        size: Int
    ) async throws {
        try await watching { detector in
            let board = Board()
            try await TaskPool.scope(name: "pool", clock: clock) { pool in
                for number in 0..<size {
                    // Whoever is first waits for the last, so that the circle is not in the order of submission.
                    board[number] = try pool.submit("task \(number)") {
                        await board.isComplete.pass()
                        let other = board[(number + size - 1) % size]
                        try await other?.value
                    }
                }
                board.isComplete.open()
                await untilBlocked(size, in: pool)
                _ = detector.watch(pool, limit: .seconds(5))
                await clock.untilSleepers(1)
                clock.advance(by: .seconds(5))
                let order = (0..<size).map { (size - $0) % size }
                let circle = order.map { number in
                    let next = (number + size - 1) % size
                    return "`task \(number)` (pool #\(number + 1)) has been waiting 5s for "
                        + "`task \(next)` (pool #\(next + 1))"
                }
                await journal.wait(for: "possible deadlock: " + circle.joined(separator: ", ") + "; cancel one of them")
                #expect(journal.entries.count == 1)
                #expect(pool.snapshot().tasks.allSatisfy { $0.state == .blocked })
                return ()
            }
        }
    }
}

extension BlockedTaskTests {
    @Test func `a chain of waiting tasks is reported task by task, and is no deadlock`() async throws {
        let gate = Gate()
        try await watching { detector in
            try await TaskPool.scope(name: "pool", clock: clock) { pool in
                _ = detector.watch(pool, limit: .seconds(5))
                let first = try pool.submit("first") { await gate.pass() }
                let second = try pool.submit("second") { try await first.value }
                let third = try pool.submit("third") { try await second.value }
                await untilBlocked(2, in: pool)
                await clock.untilSleepers(1)
                clock.advance(by: .seconds(5))
                let waits = [
                    "`second` (pool #2) has been waiting 5s for `first` (pool #1)",
                    "`third` (pool #3) has been waiting 5s for `second` (pool #2)",
                ]
                for wait in waits {
                    await journal.wait(for: "blocked: " + wait)
                }
                gate.open()
                try await third.value
                for wait in waits {
                    await journal.wait(for: "no longer blocked: " + wait)
                }
            }
        }
        #expect(journal.entries.count == 4)
    }

    @Test func `a task that ran for long is not reported, and nobody wakes up for it`() async throws {
        let gate = Gate()
        try await watching { detector in
            try await TaskPool.scope(clock: clock) { pool in
                _ = detector.watch(pool, limit: .seconds(5))
                let handle = try pool.submit("long") { await gate.pass() }
                clock.advance(by: .seconds(3_600))
                #expect(clock.sleeperCount == 0)
                gate.open()
                try await handle.value
            }
        }
        #expect(journal.entries.isEmpty)
    }

    @Test func `tasks of a pool inside a watched one are watched, and a circle may cross pools`() async throws {
        try await watching { detector in
            let board = Board()
            try await TaskPool.scope(name: "outer", clock: clock) { outer in
                _ = detector.watch(outer, limit: .seconds(5))
                try await outer.scope(name: "inner") { inner in
                    board[0] = try outer.submit("a") {
                        await board.isComplete.pass()
                        try await board[1]?.value
                    }
                    board[1] = try inner.submit("b") {
                        await board.isComplete.pass()
                        try await board[0]?.value
                    }
                    board.isComplete.open()
                    await untilBlocked(1, in: outer)
                    await untilBlocked(1, in: inner)
                    #expect(outer.snapshot().children.map(\.name) == ["inner"])
                    await clock.untilSleepers(1)
                    clock.advance(by: .seconds(5))
                    await journal.wait(
                        for: "possible deadlock: `a` (outer #1) has been waiting 5s for `b` (inner #1), "
                            + "`b` (inner #1) has been waiting 5s for `a` (outer #1); cancel one of them"
                    )
                    board[0]?.cancel()
                    for index in [0, 1] {
                        await #expect(throws: CancellationError.self) { try await board[index]?.value }
                    }
                }
            }
        }
    }
}
