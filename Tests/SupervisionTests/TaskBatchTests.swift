import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskBatchTests {
    struct Boom: Error, Equatable {
        var number = 0
    }

    @Test func `results come in the order of submission, not of ends`() async throws {
        try await TaskPool.scope { pool in
            let batch = pool.batch(of: Int.self)
            let gates = (0..<10).map { _ in Gate() }
            for number in 0..<10 {
                try batch.submit("task") {
                    await gates[number].pass()
                    if number > 0 { gates[number - 1].open() }
                    return number
                }
            }
            gates[9].open()
            #expect(try await batch.collect() == Array(0..<10))
            #expect(batch.count == 0)
        }
    }

    @Test func `the first failure cancels the rest, and is thrown when all have ended`() async throws {
        let journal = Journal()
        try await TaskPool.scope { pool in
            let others = try pool.submit("no part of it") { await untilCancelled() }
            let batch = pool.batch(of: Void.self)
            for _ in 0..<5 {
                try batch.submit("endless") {
                    await untilCancelled()
                    journal.write("ended")
                    throw Boom(number: 1)
                }
            }
            try batch.submit("fail") { throw Boom(number: 2) }
            await #expect(throws: Boom(number: 2)) { try await batch.collect() }
            #expect(journal.entries.count == 5)
            #expect(others.status.ended == nil)
            #expect(pool.snapshot().failed == 1 && pool.snapshot().cancelled == 5)
        }
    }

    @Test func `a partial collection has a value or an error for each task`() async throws {
        try await TaskPool.scope { pool in
            let batch = pool.batch(of: Int.self)
            for number in 0..<6 {
                try batch.submit("task") {
                    if number.isMultiple(of: 2) { throw Boom(number: number) }
                    return number
                }
            }
            let results = await batch.collectPartial()
            let failed = results.indices.filter { index in
                if case .failure(let error) = results[index] { return error as? Boom == Boom(number: index) }
                return false
            }
            #expect(failed == [0, 2, 4])
            #expect(
                results.compactMap { result in if case .success(let value) = result { value } else { nil } } == [
                    1, 3, 5,
                ]
            )
        }
    }

    @Test func `a batch that is collected takes nothing more, and an empty one has no results`() async throws {
        try await TaskPool.scope { pool async throws in
            let batch = pool.batch(of: Int.self)
            let nothing = try await batch.collect()
            #expect(nothing.isEmpty)
            #expect(throws: TaskPoolError.closed(name: "late")) { _ = try batch.submit("late") { 1 } }
            let partial = await pool.batch(of: Int.self).collectPartial()
            #expect(partial.isEmpty)
        }
    }

    @Test func `a task that got no slot is no part of its batch`() async throws {
        let gate = Gate()
        try await TaskPool.scope(limit: 1) { pool in
            let batch = pool.batch(of: Int.self)
            try batch.submit("first") {
                await gate.pass()
                return 1
            }
            #expect(throws: TaskPoolError.full(name: "second", limit: 1)) { _ = try batch.submit("second") { 2 } }
            gate.open()
            #expect(try await batch.collect() == [1])
        }
    }

    @Test(arguments: [true, false]) func `cancelling the collector cancels the tasks`(isPartial: Bool) async throws {
        try await TaskPool.scope { pool in
            let running = Gate()
            let collector = try pool.submit("collector") {
                let batch = pool.batch(of: Void.self)
                try batch.submit("endless") {
                    running.open()
                    await untilCancelled()
                    try Task.checkCancellation()
                }
                if isPartial {
                    #expect(await batch.collectPartial().count == 1)
                } else {
                    _ = try await batch.collect()
                }
            }
            await running.pass()
            collector.cancel()
            _ = await collector.result
            #expect(collector.status.state == (isPartial ? .completed : .cancelled))
            #expect(pool.count == 0)
        }
    }
}
