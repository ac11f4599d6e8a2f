import Supervision
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TreeTests {
    private func id(_ name: String, _ generation: UInt64 = 1) -> ChildID {
        ChildID(name: name, generation: generation)
    }

    @Test func `children run and end in the order of their requirements`() async throws {
        let journal = Journal()
        let end = try await SupervisedTree.run { tree in
            let children = [
                try await tree.child("c", requires: ["b"]), try await tree.child("b", requires: ["a"]),
                try await tree.child("a"),
            ]
            #expect(await tree.apply(start: children) == ["a.1: ready", "b.1: ready", "c.1: ready"])
            tree.supervisor.shutDown(limit: .seconds(60))
            await tree.journal.wait(for: "a.1 ends")
            for entry in tree.journal.entries where !entry.hasSuffix("prepares") {
                journal.write(entry)
            }
        }
        #expect(journal.entries == ["a.1 runs", "b.1 runs", "c.1 runs", "c.1 ends", "b.1 ends", "a.1 ends"])
        #expect(end.line == "shut down, forced: []")
    }

    @Test func `a replacement runs before the old child is asked to stop`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            _ = await tree.apply(start: [try await tree.child("a")])
            let successor = try await tree.child("a", generation: 2) { _ in .serveAfter(gate) }
            async let reached = tree.apply(start: [successor], stop: [id("a")])
            await tree.journal.wait(for: "a.2 runs")
            #expect(await tree.supervisor.snapshot().map(\.state) == [.ready, .running])
            gate.open()
            #expect(await reached == ["a.2: ready"])
            await tree.events.wait(for: "a.1 -> stopped")
            #expect(await tree.supervisor.snapshot().map(\.id) == [id("a", 2)])
        }
    }

    @Test func `an essential child that gives up ends the tree in order`() async throws {
        var policy = RestartPolicy()
        policy.mode = .never
        let gate = Gate()
        let end = try await SupervisedTree.run { tree in
            let children = [
                try await tree.child("a"),
                try await tree.child("b", restart: policy) { _ in .crashAfter(gate, "boom") },
            ]
            #expect(await tree.apply(start: children) == ["a.1: ready", "b.1: ready"])
            gate.open()
            await tree.journal.wait(for: "a.1 ends")
        }
        #expect(end.line == "escalated by b: it is never restarted: boom")
    }

    @Test func `a failed preparation is a crash and is tried again`() async throws {
        _ = try await SupervisedTree.run { tree in
            let gate = Gate()
            let child = try await tree.child("a") { life in
                switch life {
                case 0: .crashAfter(gate, "first")
                case 1: .failToPrepare("no port")
                default: .serve
                }
            }
            _ = await tree.apply(start: [child])
            gate.open()
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.events.wait(for: "a.1 crashed: no port")
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .seconds(1))
            await tree.events.wait(for: "a.1 -> ready", count: 2)
            let status = await tree.supervisor.snapshot().first
            #expect(status?.restarts == 2)
            #expect(status?.lastError == "no port")
        }
    }

    @Test func `a child stopped while it prepares is discarded, not run`() async throws {
        let gate = Gate()
        let crash = Gate()
        let end = try await SupervisedTree.run { tree in
            let child = try await tree.child("a") { $0 == 0 ? .crashAfter(crash, "first") : .prepareAfter(gate) }
            _ = await tree.apply(start: [child])
            crash.open()
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .milliseconds(500))
            await tree.journal.wait(for: "a.1 prepares", count: 2)
            tree.supervisor.shutDown(limit: .seconds(60))
            await tree.events.wait(for: "a.1 -> draining")
            gate.open()
            await tree.journal.wait(for: "a.1 is discarded")
        }
        #expect(end.line == "shut down, forced: []")
    }

    @Test func `what waits for its requirement is discarded when the tree ends`() async throws {
        let gate = Gate()
        _ = try await SupervisedTree.run { tree in
            let children = [
                try await tree.child("a") { _ in .serveAfter(gate) }, try await tree.child("b", requires: ["a"]),
            ]
            async let reached = tree.apply(start: children)
            await tree.journal.wait(for: "a.1 runs")
            tree.supervisor.force()
            #expect(await reached == ["a.1: failed", "b.1: failed"])
            await tree.journal.wait(for: "b.1 is discarded")
            gate.open()
        }
    }

    @Test func `a child that ignores even its cancellation is called unresponsive and waited for`() async throws {
        let gate = Gate()
        let end = try await SupervisedTree.run { tree in
            _ = await tree.apply(start: [try await tree.child("a") { _ in .dead(gate) }])
            tree.supervisor.force()
            await tree.clock.untilSleepers(1)
            tree.clock.advance(by: .seconds(2))
            await tree.events.wait(for: "a.1 is unresponsive")
            gate.open()
        }
        #expect(end.line == "shut down, forced: [a.1]")
    }

    @Test func `a child ends only when its tasks have ended`() async throws {
        _ = try await SupervisedTree.run { tree in
            _ = await tree.apply(start: [try await tree.child("a") { _ in .serveWithTask }])
            await tree.journal.wait(for: "a.1's task runs")
            _ = await tree.apply(start: [], stop: [id("a")])
            await tree.events.wait(for: "a.1 -> stopped")
            #expect(tree.journal.entries.suffix(2) == ["a.1 ends", "a.1's task ends"])
        }
    }

    @Test func `a tree that is cancelled forces its children and still awaits them`() async throws {
        let journal = Journal()
        let events = Journal()
        let supervisor = Supervisor(clock: ManualClock()) { events.write($0.line) }
        let tree = SupervisedTree(clock: ManualClock(), journal: journal, events: events, supervisor: supervisor)
        let ends = await withTaskGroup(of: String.self) { group in
            group.addTask { await supervisor.run().line }
            do {
                _ = await tree.apply(start: [try await tree.child("a") { _ in .stubborn }])
            } catch {
                Issue.record(error)
            }
            group.cancelAll()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(ends == ["shut down, forced: [a.1]"])
        #expect(journal.entries.contains("a.1 ends"))
    }

    @Test func `commands after the end return at once, and what they bring is discarded`() async throws {
        let journal = Journal()
        let supervisor = Supervisor(clock: ManualClock()) { _ in }
        let tree = SupervisedTree(clock: ManualClock(), journal: journal, events: Journal(), supervisor: supervisor)
        supervisor.shutDown(limit: .zero)
        #expect(await supervisor.run().line == "shut down, forced: []")
        #expect(await tree.apply(start: [try await tree.child("a")]) == ["a.1: failed"])
        #expect(journal.entries == ["a.1 prepares", "a.1 is discarded"])
        #expect(await supervisor.snapshot().isEmpty)
        supervisor.force()
    }

    @Test func `a change ordered before the tree runs happens when it runs`() async throws {
        let journal = Journal()
        let supervisor = Supervisor(clock: ManualClock()) { _ in }
        let tree = SupervisedTree(clock: ManualClock(), journal: journal, events: Journal(), supervisor: supervisor)
        let child = try await tree.child("a")
        async let reached = tree.apply(start: [child])
        async let end = supervisor.run()
        #expect(await reached == ["a.1: ready"])
        supervisor.shutDown(limit: .seconds(1))
        #expect(await end.line == "shut down, forced: []")
    }
}
