import Supervision
import TestSupport
import Testing

/// Groups on real tasks.
@Suite(.timeLimit(.minutes(1)))
struct GroupDriverTests {
    private func lives(_ tree: SupervisedTree) -> [String] {
        tree.journal.entries.filter { !$0.hasSuffix("prepares") }
    }

    @Test func `one-for-all stops the others in reverse order and starts all in order`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            let children = [
                try await tree.child("a"),
                try await tree.child("b", requires: ["a"]) { $0 == 0 ? .crashAfter(gate, "boom") : .serve },
                try await tree.child("c", requires: ["b"]),
                try await tree.child("other"),
            ]
            let group = GroupSpecification(name: "g", strategy: .oneForAll, members: ["a", "b", "c"])
            _ = await tree.apply(start: children, groups: [group])
            gate.open()
            await tree.events.wait(for: "a.1 -> created", count: 2)
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "c.1 -> ready", count: 2)
            #expect(tree.events.entries.contains("g restarts a.1, c.1 with b"))
            #expect(
                lives(tree).filter { !$0.hasPrefix("other") } == [
                    "a.1 runs", "b.1 runs", "c.1 runs", "b.1 crashes", "c.1 ends", "a.1 ends", "a.1 runs", "b.1 runs",
                    "c.1 runs",
                ]
            )
            #expect(lives(tree).filter { $0.hasPrefix("other") } == ["other.1 runs"])
            #expect(await tree.supervisor.snapshot().map(\.group) == ["g", nil, "g", "g"])
            #expect(tree.clock.sleeperCount == 0)
        }
    }

    @Test func `rest-for-one leaves the members before the failed one alone`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            let children = [
                try await tree.child("a"),
                try await tree.child("b") { $0 == 0 ? .crashAfter(gate, "boom") : .serve },
                try await tree.child("c"),
            ]
            let group = GroupSpecification(name: "g", strategy: .restForOne, members: ["a", "b", "c"])
            _ = await tree.apply(start: children, groups: [group])
            gate.open()
            await tree.events.wait(for: "c.1 -> created", count: 2)
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "b.1 -> ready", count: 2)
            await tree.events.wait(for: "c.1 -> ready", count: 2)
            #expect(lives(tree).filter { $0.hasPrefix("a") } == ["a.1 runs"])
        }
    }

    @Test func `a group that gives up starts anew, and past its own restarts it ends the tree`() async throws {
        let end = try await SupervisedTree.run { tree in
            let gates = [Gate(), Gate()]
            let child = try await tree.child("a") { .crashAfter(gates[min($0, 1)], "boom \($0)") }
            var group = GroupSpecification(name: "g", intensity: 0, members: ["a"])
            group.restart.intensity = 1
            _ = await tree.apply(start: [child, try await tree.child("b")], groups: [group])
            gates[0].open()
            await tree.events.wait(for: "g gave up: more than 0 restarts within 1m: `a`: boom 0")
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "a.1 -> ready", count: 2)
            gates[1].open()
            await tree.journal.wait(for: "b.1 ends")
        }
        #expect(end.line == "escalated by g: more than 0 restarts within 1m: `a`: boom 1")
    }

    @Test func `a sibling that ignores its halt is cancelled after its drain`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            let children = [
                try await tree.child("a") { $0 == 0 ? .crashAfter(gate, "boom") : .serve },
                try await tree.child("b") { $0 == 0 ? .stubborn : .serve },
            ]
            let group = GroupSpecification(name: "g", strategy: .oneForAll, members: ["a", "b"])
            _ = await tree.apply(start: children, groups: [group])
            gate.open()
            await tree.journal.wait(for: "b.1 ignores the request")
            await tree.clock.untilSleepers(2)
            tree.clock.advance(by: .seconds(10))
            await tree.events.wait(for: "b.1 -> ready", count: 2)
            #expect(tree.events.entries.contains("b.1 forced: one connection of b.1"))
        }
    }

    @Test(arguments: ["stop", "shutdown", "force"])
    func `a start that hangs ends when it is told to`(way: String) async throws {
        let end = try await SupervisedTree.run { tree in
            let child = try await tree.child("a", essential: false, failed: "port in use") { _ in .hangInPreparation }
            _ = await tree.apply(start: [child])
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.journal.wait(for: "a.1 prepares", count: 1)
            await tree.events.wait(for: "a.1 -> preparing")
            switch way {
            case "stop": _ = await tree.apply(start: [], stop: [ChildID(name: "a", generation: 1)])
            case "shutdown": tree.supervisor.shutDown(limit: .seconds(60))
            default: tree.supervisor.force()
            }
            await tree.events.wait(for: "a.1 -> stopped")
            #expect(!tree.events.entries.contains("a.1 crashed: cancelled"))
        }
        #expect(end.line == "shut down, forced: [\(way == "force" ? "a.1" : "")]")
    }

    @Test func `a replacement that waits runs after the old child has ended`() async throws {
        _ = try await SupervisedTree.run { tree in
            _ = await tree.apply(start: [try await tree.child("a")])
            let successor = try await tree.child("a", generation: 2, replacement: .afterStop)
            let reached = await tree.apply(start: [successor], stop: [ChildID(name: "a", generation: 1)])
            #expect(reached == ["a.2: ready"])
            #expect(lives(tree) == ["a.1 runs", "a.1 ends", "a.2 runs"])
        }
    }

    @Test func `an unprepared child backs off with its reason and is prepared anew`() async throws {
        _ = try await SupervisedTree.run { tree in
            let child = try await tree.child("a", essential: false, failed: "port in use")
            #expect(await tree.apply(start: [child]) == ["a.1: backing-off"])
            #expect(await tree.supervisor.snapshot().first?.lastError == "port in use")
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "a.1 -> ready")
        }
    }

    @Test func `a tree ends while an unprepared child waits`() async throws {
        let end = try await SupervisedTree.run { tree in
            let child = try await tree.child("a", essential: false, failed: "port in use")
            _ = await tree.apply(start: [child])
        }
        #expect(end.line == "shut down, forced: []")
    }

    @Test func `a condition that a service reports is in the status`() async throws {
        _ = try await SupervisedTree.run { tree in
            let condition = ChildCondition.blocked("a loop is silent")
            _ = await tree.apply(start: [try await tree.child("a") { _ in .serveIn(condition) }])
            await tree.events.wait(for: "a.1 condition: \(condition)")
            #expect(await tree.supervisor.snapshot().map(\.condition) == [condition])
        }
    }
}
