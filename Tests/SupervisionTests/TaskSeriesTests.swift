import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskSeriesTests {
    struct Boom: Error, Equatable {
        var number = 0
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1_000])
    func `values come in the order of their numbers, whatever the slots`(count: Int) async throws {
        for limit in [1, 7, 100] {
            let most = Atomic<Int>(0)
            let running = Atomic<Int>(0)
            let values = try await TaskPool.scope(limit: limit) { pool in
                let values = try await pool.collect("task", count: count) { number in
                    let now = running.add(1, ordering: .sequentiallyConsistent).newValue
                    most.max(now, ordering: .sequentiallyConsistent)
                    await Task.yield()
                    running.subtract(1, ordering: .sequentiallyConsistent)
                    return "\(number)"
                }
                #expect(pool.count == 0 && pool.snapshot().completed == count)
                return values
            }
            #expect(values == (0..<count).map { "\($0)" })
            #expect(most.load(ordering: .sequentiallyConsistent) <= limit)
        }
    }

    @Test func `every live task is in the snapshot, with its number, state and times`() async throws {
        let clock = ManualClock()
        try await TaskPool.scope(limit: 3, clock: clock) { pool in
            try await pool.submit("before") {}.value
            let gates = (0..<5).map { _ in Gate() }
            let begun = (0..<5).map { _ in Gate() }
            let series = try pool.scopedSeries(gates, begun)
            await begun[0].pass()
            await begun[1].pass()
            let tasks = pool.snapshot().tasks.filter { $0.name == "step" }
            #expect(tasks.map(\.number) == [3, 4])
            #expect(tasks.allSatisfy { $0.state == .running && $0.started == .zero && $0.created == .zero })
            clock.advance(by: .seconds(1))
            gates[0].open()
            await begun[2].pass()
            let later = pool.snapshot().tasks.filter { $0.name == "step" }
            #expect(later.map(\.number) == [4, 5] && later.map(\.started) == [.zero, .seconds(1)])
            for gate in gates {
                gate.open()
            }
            #expect(try await series.value == 5)
        }
    }

    @Test func `the first failure cancels the others, begins no more, and is thrown when all have ended`() async throws
    {
        let begun = Atomic<Int>(0)
        let ended = Atomic<Int>(0)
        await TaskPool.scope(limit: 10) { pool in
            await #expect(throws: Boom(number: 9)) {
                try await pool.collect("task", count: 1_000) { number in
                    begun.add(1, ordering: .sequentiallyConsistent)
                    if number == 9 { throw Boom(number: 9) }
                    await untilCancelled()
                    ended.add(1, ordering: .sequentiallyConsistent)
                    throw CancellationError()
                }
            }
            #expect(begun.load(ordering: .sequentiallyConsistent) == 10)
            #expect(ended.load(ordering: .sequentiallyConsistent) == 9)
            #expect(pool.count == 0)
            #expect(pool.snapshot().failed == 1 && pool.snapshot().cancelled == 9)
        }
    }

    @Test func `a partial collection has a value or an error for each number`() async throws {
        try await TaskPool.scope(limit: 4) { pool async throws in
            let results = try await pool.collectPartial("task", count: 100) { number in
                if number.isMultiple(of: 3) { throw Boom(number: number) }
                return number
            }
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let value): #expect(value == number && !number.isMultiple(of: 3))
                case .failure(let error): #expect(error as? Boom == Boom(number: number))
                }
            }
            #expect(results.count == 100 && pool.snapshot().failed == 34 && pool.snapshot().completed == 66)
        }
    }

    @Test(arguments: [true, false])
    func `cancelling the collector, or all, cancels the tasks`(isOfPool: Bool) async throws {
        try await TaskPool.scope(limit: 4) { pool in
            let running = Gate()
            let collector = try pool.submit("collector") {
                try await pool.collect("endless", count: 100) { _ in
                    running.open()
                    await untilCancelled()
                    try Task.checkCancellation()
                }
            }
            await running.pass()
            if isOfPool { pool.cancelAll() } else { collector.cancel() }
            await #expect(throws: CancellationError.self) { try await collector.result.get() }
            #expect(pool.count == 0)
        }
    }

    @Test func `a pool that closes cancels its series, and a closed one takes none`() async throws {
        let kept = Mutex<TaskPool?>(nil)
        let journal = Journal()
        try await TaskPool.scope(limit: 4) { pool in
            kept.withLock { $0 = pool }
            let running = Gate()
            _ = try pool.submit("collector") {
                _ = try await pool.collect("endless", count: 100) { _ in
                    running.open()
                    await untilCancelled()
                    journal.write("ended")
                }
            }
            await running.pass()
        }
        #expect((1...3).contains(journal.entries.count))
        let pool = try #require(kept.withLock { $0 })
        await #expect(throws: TaskPoolError.closed(name: "late")) { try await pool.collect("late", count: 1) { $0 } }
    }

    @Test func `who waits for a slot gets one while a series runs`() async throws {
        try await TaskPool.scope(limit: 2) { pool in
            let isOver = Atomic<Bool>(false)
            let begun = Gate()
            let series = try pool.submit("series") {
                try await pool.collect("step", count: 1_000_000) { number in
                    begun.open()
                    await Task.yield()
                    if isOver.load(ordering: .sequentiallyConsistent) { throw Boom(number: number) }
                }
            }
            await begun.pass()
            // The series has the only other slot, and far more tasks than it can run.
            for number in 0..<10 {
                #expect(try await pool.submitWhenFree("other") { number }.value == number)
            }
            isOver.store(true, ordering: .sequentiallyConsistent)
            await #expect(throws: Boom.self) { try await series.result.get() }
        }
    }
}

extension TaskPool {
    /// A series of which each task waits at its gate; two at a time, beside the one that collects them.
    fileprivate func scopedSeries(_ gates: [Gate], _ begun: [Gate]) throws -> TaskHandle<Int> {
        try submit("collector") {
            try await self.collect("step", count: gates.count) { number in
                begun[number].open()
                await gates[number].pass()
                return number
            }.count
        }
    }
}
