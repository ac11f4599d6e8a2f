import Supervision
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskReceiptTests {
    struct Returned: ~Copyable, Receipt {
        fileprivate init() {}
    }

    /// Something to hold, which tells when it is released.
    struct Lease: ~Copyable, Sendable {
        let journal: Journal

        consuming func release() async -> Returned {
            await Task.yield()
            journal.write("released")
            return Returned()
        }
    }

    struct Unavailable: Error {}

    @Test func `a task gives its receipt before its result is known`() async throws {
        let journal = Journal()
        try await TaskPool.scope { pool in
            let handle = try pool.submit("holder") {
                Lease(journal: journal)
            } using: { lease in
                journal.write("used")
                return Settled(.success(7), with: await lease.release())
            }
            #expect(try await handle.value == 7)
            #expect(journal.entries == ["used", "released"])
        }
    }

    @Test(arguments: [true, false])
    func `a task that is cancelled, or past its deadline, releases first`(isCancelled: Bool) async throws {
        let journal = Journal()
        let clock = ManualClock()
        try await TaskPool.scope(clock: clock) { pool in
            let holding = Gate()
            let handle = try pool.submit("holder", deadline: .seconds(1)) {
                Lease(journal: journal)
            } using: { lease in
                holding.open()
                await untilCancelled()
                let returned = await lease.release()
                return Settled(Result<Void, any Error>.failure(CancellationError()), with: returned)
            }
            await holding.pass()
            if isCancelled {
                handle.cancel()
            } else {
                await clock.untilSleepers(1)
                clock.advance(by: .seconds(1))
            }
            _ = await handle.result
            #expect(journal.entries == ["released"])
            #expect(handle.status.state == (isCancelled ? .cancelled : .failed))
        }
    }

    @Test func `a task that could not acquire has failed, and holds nothing`() async throws {
        try await TaskPool.scope { pool in
            let handle = try pool.submit("holder") { () throws -> Lease in
                throw Unavailable()
            } using: { lease in
                Settled(.success(()), with: await lease.release())
            }
            await #expect(throws: Unavailable.self) { try await handle.value }
            #expect(pool.snapshot().failed == 1)
        }
    }
}
