import Supervision
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TaskServiceTests {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private func child(_ service: TaskService, mode: RestartPolicy.Mode = .onFailure) async throws -> PreparedChild {
        var policy = RestartPolicy()
        policy.mode = mode
        let specification = ChildSpecification(
            id: ChildID(name: "a", generation: 1),
            requires: [],
            restart: policy,
            drain: .seconds(10),
            essential: false,
            service: service
        )
        return PreparedChild(specification, prepared: try await service.prepare())
    }

    @Test func `a closure is ready at once and a stop cancels it`() async throws {
        let journal = Journal()
        _ = try await SupervisedTree.run { tree in
            let service = TaskService {
                journal.write("runs")
                await untilCancelled()
                journal.write("ends")
                throw CancellationError()
            }
            let child = try await child(service)
            #expect(await tree.apply(start: [child]) == ["a.1: ready"])
            await journal.wait(for: "runs")
            #expect(await tree.apply(start: [], stop: [ChildID(name: "a", generation: 1)]).isEmpty)
            await tree.events.wait(for: "a.1 -> stopped")
            #expect(!tree.events.entries.contains { $0.contains("crashed") })
        }
        #expect(journal.entries == ["runs", "ends"])
    }

    @Test func `a closure is ready when it says so`() async throws {
        let gate = Gate()
        _ = try await SupervisedTree.run { tree in
            let service = TaskService { ready in
                await gate.pass()
                ready()
                await untilCancelled()
            }
            let child = try await child(service)
            async let reached = tree.apply(start: [child])
            await tree.events.wait(for: "a.1 -> running")
            #expect(await tree.supervisor.snapshot().map(\.state) == [.running])
            gate.open()
            #expect(await reached == ["a.1: ready"])
        }
    }

    @Test func `a closure that throws has crashed and runs again`() async throws {
        let lives = Counter()
        _ = try await SupervisedTree.run { tree in
            let service = TaskService {
                if lives.next() == 0 { throw Failure(description: "boom") }
                await untilCancelled()
            }
            _ = await tree.apply(start: [try await child(service)])
            await tree.events.wait(for: "a.1 crashed: boom")
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "a.1 -> ready", count: 2)
        }
        #expect(lives.next() == 2)
    }

    @Test func `a closure that returns has ended, and one that throws after the request has crashed`() async throws {
        _ = try await SupervisedTree.run { tree in
            _ = await tree.apply(start: [try await child(TaskService {})])
            await tree.events.wait(for: "a.1 -> stopped")
        }
        _ = try await SupervisedTree.run { tree in
            let service = TaskService {
                await untilCancelled()
                throw Failure(description: "cannot flush")
            }
            _ = await tree.apply(start: [try await child(service)])
            tree.supervisor.shutDown(limit: .seconds(60))
            await tree.events.wait(for: "a.1 crashed: cannot flush")
        }
    }

    @Test func `a closure that is never run holds nothing`() async throws {
        let child = try await child(TaskService {})
        await child.discard()
        let isTaken = child.take() == nil
        #expect(isTaken)
    }
}
