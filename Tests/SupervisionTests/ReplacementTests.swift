import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct ReplacementTests {
    @Test func `whoever waits for a start can be answered before it is over, once`() {
        var bench = CoreBench()
        let (a, b) = (CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        bench.send(bench.change(start: [a, b, CoreBench.child("c")]))
        bench.send(.ready(CoreBench.id("c")))
        var reached: [ChildID: ChildState] = [:]
        for case .reply(_, let states) in bench.core.handle(.answerChanges, at: .zero, random: 0) { reached = states }
        #expect(reached == [a.id: .running, b.id: .created, CoreBench.id("c"): .ready])
        #expect(!bench.send(.ready(a.id)).contains { $0.contains("reply") })
        #expect(bench.state("b") == .running, "what was started goes on")
    }

    @Test func `an old child stops when its successor is ready`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        let change = bench.change(start: [CoreBench.child("a.2")], stop: ["a"])
        #expect(bench.effects(of: change) == ["run a.2"])
        #expect(bench.effects(of: .ready(CoreBench.id("a.2"))) == ["reply 2: a.2 ready", "ask a.1"])
        #expect(bench.send(.exited(CoreBench.id("a"))).contains("forget a.1"))
        #expect(bench.core.statuses(at: .zero).map(\.id) == [CoreBench.id("a.2")])
    }

    @Test func `an old child serves on while its successor backs off, and stops when it gave up`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(bench.change(start: [CoreBench.child("a.2") { $0.intensity = 1 }], stop: ["a"]))
        let first = bench.effects(of: .crashed(CoreBench.id("a.2"), error: "boom"))
        #expect(first == ["reply 2: a.2 backing-off"])
        bench.send(.fired(.child(CoreBench.id("a.2"), sequence: 2, number: 1)))
        bench.send(.prepared(CoreBench.id("a.2")))
        #expect(bench.effects(of: .crashed(CoreBench.id("a.2"), error: "boom")) == ["ask a.1"])
    }

    @Test func `an old child that does not serve stops at once`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        let actions = bench.send(bench.change(start: [CoreBench.child("a.2")], stop: ["a"]))
        #expect(actions.contains("a.1 -> stopped"))
        #expect(actions.contains("cancel timer 1 of a.1"))
        #expect(bench.state("a") == nil)
    }

    @Test func `a replaced child that crashes is not restarted`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(bench.change(start: [CoreBench.child("a.2")], stop: ["a"]))
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        #expect(bench.state("a") == nil)
    }

    @Test func `of three generations the older two stop when the newest is ready`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(bench.change(start: [CoreBench.child("a.2")], stop: ["a"]))
        bench.send(bench.change(start: [CoreBench.child("a.3")], stop: ["a.2"]))
        #expect(bench.effects(of: .ready(CoreBench.id("a.2"))) == ["reply 2: a.2 ready"])
        #expect(bench.effects(of: .ready(CoreBench.id("a.3"))) == ["reply 3: a.3 ready", "ask a.1", "ask a.2"])
    }

    @Test func `a pair is replaced in order, the old dependent before the old requirement`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        let children = [CoreBench.child("a.2"), CoreBench.child("b.2", requires: ["a"])]
        #expect(bench.effects(of: bench.change(start: children, stop: ["a", "b"])) == ["run a.2"])
        #expect(bench.effects(of: .ready(CoreBench.id("a.2"))) == ["run b.2"])
        #expect(bench.effects(of: .ready(CoreBench.id("b.2"))) == ["reply 2: a.2 ready, b.2 ready", "ask b.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["ask a.1"])
    }

    @Test func `a change during the shutdown is refused`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.shutDown(limit: .seconds(30)))
        let change = bench.change(start: [CoreBench.child("b")])
        #expect(bench.effects(of: change) == ["refuse b.1", "reply 2: b.1 failed"])
    }
}
