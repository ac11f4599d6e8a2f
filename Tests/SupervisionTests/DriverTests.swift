import Supervision
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DriverTests {
    @Test func `a child is ready when it says so and stops when the tree shuts down`() async throws {
        let end = try await SupervisedTree.run { tree in
            let child = try await tree.child("a")
            #expect(await tree.apply(start: [child]) == ["a.1: ready"])
            let states = await tree.supervisor.snapshot().map { "\($0.id.line): \($0.state.rawValue)" }
            #expect(states == ["a.1: ready"])
            #expect(tree.clock.sleeperCount == 0, "an idle tree has no timer")
        }
        #expect(end.line == "shut down, forced: []")
    }

    @Test func `a crashed child starts again after its delay, prepared anew`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            let child = try await tree.child("a") { $0 == 0 ? .crashAfter(gate, "boom") : .serve }
            #expect(await tree.apply(start: [child]) == ["a.1: ready"])
            gate.open()
            await tree.events.wait(for: "a.1 restarts after 0.5 seconds")
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "a.1 -> ready", count: 2)
            #expect(
                tree.events.entries == [
                    "a.1 -> created", "a.1 -> running", "a.1 -> ready", "a.1 crashed: boom", "a.1 -> backing-off",
                    "a.1 restarts after 0.5 seconds", "a.1 -> preparing", "a.1 -> running", "a.1 -> ready",
                ]
            )
            #expect(
                tree.journal.entries == [
                    "a.1 prepares", "a.1 runs", "a.1 crashes", "a.1 prepares", "a.1 runs",
                ]
            )
        }
    }

    @Test func `a stubborn child is cancelled after its drain and named at the end`() async throws {
        let end = try await SupervisedTree.run { tree in
            let child = try await tree.child("a") { _ in .stubborn }
            #expect(await tree.apply(start: [child]) == ["a.1: ready"])
            tree.supervisor.shutDown(limit: .seconds(60))
            await tree.journal.wait(for: "a.1 ignores the request")
            await tree.clock.untilSleepers(2)
            tree.clock.advance(by: .seconds(10))
            await tree.events.wait(for: "a.1 forced: one connection of a.1")
        }
        #expect(end.line == "shut down, forced: [a.1]")
    }
}

extension Supervisor.End {
    /// The end as tests write it.
    var line: String {
        switch self {
        case .shutDown(let forced): "shut down, forced: [\(forced.map(\.line).joined(separator: ", "))]"
        case .escalated(let name, let reason): "escalated by \(name): \(reason)"
        }
    }
}
