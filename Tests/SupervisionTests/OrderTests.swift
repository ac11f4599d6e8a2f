import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct OrderTests {
    private func chain() -> [CoreChange.Entry] {
        [
            CoreBench.child("c", requires: ["b"]), CoreBench.child("a"), CoreBench.child("b", requires: ["a"]),
        ]
    }

    @Test func `a child starts when what it requires is ready, and its change is answered by the last`() {
        var bench = CoreBench()
        #expect(bench.effects(of: bench.change(start: chain())) == ["run a.1"])
        #expect(bench.effects(of: .ready(CoreBench.id("a"))) == ["run b.1"])
        #expect(bench.effects(of: .ready(CoreBench.id("b"))) == ["run c.1"])
        #expect(bench.effects(of: .ready(CoreBench.id("c"))) == ["reply 1: a.1 ready, b.1 ready, c.1 ready"])
        #expect(bench.core.statuses(at: .zero).map(\.id.name) == ["a", "b", "c"])
    }

    @Test func `a shutdown asks in reverse order, each when its dependents have stopped`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]), CoreBench.child("c", requires: ["b"]))
        #expect(bench.effects(of: .shutDown(limit: .seconds(30))) == ["ask c.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("c"))) == ["ask b.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["ask a.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("a"))) == ["shut down, forced: []"])
        #expect(bench.send(.force) == [])
    }

    /// `b` requires `a`, `c` requires nobody; whatever comes now, `a` waits for `b` and for nobody else.
    @Test(arguments: [
        CoreChange(number: 9, update: [CoreBench.child("c", requires: ["a"])]),
        CoreChange(number: 9, update: [CoreBench.child("b")]),
        CoreChange(number: 9, stop: [CoreBench.id("a")]),
        CoreChange(number: 9, start: [CoreBench.child("d", requires: ["a"])]),
        CoreChange(number: 9, start: [CoreBench.child("a.2")], stop: [CoreBench.id("a")]),
        CoreChange(number: 9, start: [CoreBench.child("c.2", requires: ["a"])], stop: [CoreBench.id("c")]),
    ])
    func `a change during the shutdown does not touch the order of its stops`(change: CoreChange) {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]), CoreBench.child("c"))
        #expect(bench.effects(of: .shutDown(limit: .seconds(30))) == ["ask b.1", "ask c.1"])
        #expect(!bench.effects(of: .apply(change)).contains("ask a.1"))
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["ask a.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("a"))) == [])
        #expect(bench.effects(of: .exited(CoreBench.id("c"))) == ["shut down, forced: []"])
    }

    @Test func `what starts before the escalation of the same event is asked by it`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("c", requires: ["a"], essential: true))
        bench.send(.crashed(CoreBench.id("c"), error: "boom"))
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        bench.send(.fired(.child(CoreBench.id("c"), sequence: 2, number: 1)))
        let change = bench.change(start: [CoreBench.child("b")], stop: ["a"])
        #expect(bench.effects(of: change) == ["run b.1", "reply 2: b.1 failed", "ask b.1"])
    }

    @Test func `what is asked before the escalation of the same event does not wait for its dependents`() {
        var bench = CoreBench()
        let c = CoreBench.child("c", requires: ["a"], essential: true)
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]), c)
        bench.send(bench.change(start: [CoreBench.child("a.2", mode: .never)], stop: ["a"]))
        bench.send(.crashed(c.id, error: "boom"))
        bench.send(.fired(.child(c.id, sequence: 3, number: 1)))
        #expect(bench.state("c") == .created)
        let effects = bench.effects(of: .crashed(CoreBench.id("a.2"), error: "boom"))
        #expect(effects == ["reply 2: a.2 failed", "ask a.1", "ask b.1"])
    }

    @Test func `independent children are asked together`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b"))
        #expect(bench.effects(of: .shutDown(limit: .seconds(30))) == ["ask b.1", "ask a.1"])
    }

    @Test func `what requires a failed child fails with a reason`() {
        var bench = CoreBench()
        bench.send(bench.change(start: [CoreBench.child("a", mode: .never), CoreBench.child("b", requires: ["a"])]))
        #expect(bench.send(.crashed(CoreBench.id("a"), error: "boom")).contains("discard b.1"))
        let last = bench.send(.exited(CoreBench.id("b")))
        #expect(last.contains("b.1 gave up: cannot start: `a`, which it requires, has failed"))
        #expect(last.contains("reply 1: a.1 failed, b.1 failed"))
    }

    @Test func `what requires a child that backs off does not hold up the answer`() {
        var bench = CoreBench()
        bench.send(bench.change(start: chain()))
        let effects = bench.effects(of: .crashed(CoreBench.id("a"), error: "boom"))
        #expect(effects == ["reply 1: a.1 backing-off, b.1 backing-off, c.1 backing-off"])
    }

    @Test(arguments: [["nobody"], ["a"]])
    func `requirements that cannot be met fail the child`(requires: [String]) {
        var bench = CoreBench()
        #expect(bench.effects(of: bench.change(start: [CoreBench.child("a", requires: requires)])) == ["discard a.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("a"))) == ["reply 1: a.1 failed"])
    }

    @Test func `a circle of requirements fails its children`() {
        var bench = CoreBench()
        let children = [CoreBench.child("a", requires: ["b"]), CoreBench.child("b", requires: ["a"])]
        #expect(bench.effects(of: bench.change(start: children)) == ["discard a.1", "discard b.1"])
    }

    @Test func `a child that no longer requires another does not hold up its stop`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        bench.send(bench.change(start: [CoreBench.child("b.2")], stop: ["a", "b"]))
        #expect(bench.state("a") == .ready)
        let update = CoreChange(number: 9, update: [CoreBench.child("b")])
        #expect(bench.effects(of: .apply(update)) == ["reply 9: ", "ask a.1"])
    }

    @Test func `a restart waits for its requirement as a start does`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        bench.send(.crashed(CoreBench.id("b"), error: "boom"))
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        bench.send(.fired(.child(CoreBench.id("b"), sequence: 2, number: 1)))
        #expect(bench.state("b") == .created)
        #expect(bench.effects(of: .fired(.child(CoreBench.id("a"), sequence: 1, number: 1))) == ["restart a.1"])
        bench.send(.prepared(CoreBench.id("a")))
        #expect(bench.effects(of: .ready(CoreBench.id("a"))) == ["restart b.1"])
    }
}
