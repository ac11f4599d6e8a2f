import Testing

@testable import Supervision

/// Giving up, level by level.
@Suite(.timeLimit(.minutes(1)))
struct EscalationTests {
    private let a = CoreBench.id("a")
    private let b = CoreBench.id("b")

    /// Crashes `a` and restarts it as often as its group bears.
    private func exhaust(_ bench: inout CoreBench, _ times: Int) {
        for _ in 0..<times {
            bench.send(.crashed(a, error: "boom"))
            bench.fire("a.1")
            bench.becomeReady("a")
        }
    }

    @Test(arguments: Strategy.allCases)
    func `a group past its intensity goes down as a whole and starts anew`(strategy: Strategy) {
        var bench = CoreBench()
        let children = [CoreBench.child("a"), CoreBench.child("b", mode: .never)]
        bench.serve(children, in: [CoreBench.group("g", strategy, ["a", "b"], intensity: 0)])
        let last = bench.send(.crashed(a, error: "boom"))
        #expect(last.contains("g gave up: more than 0 restarts within 1m: `a`: boom"))
        #expect(last.contains("ask b.1"))
        #expect(bench.state("a") == .created, "its own delay does not count any more")
        bench.send(.exited(b))
        #expect(bench.fire("g") == ["restart a.1", "restart b.1"], "what is never restarted starts with its group")
    }

    @Test func `a group bears its intensity in each period, whoever fails`() {
        var bench = CoreBench()
        let group = CoreBench.group("g", .oneForOne, ["a", "b"], intensity: 2)
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [group])
        exhaust(&bench, 2)
        bench.now += .seconds(60)
        exhaust(&bench, 1)
        bench.send(.crashed(b, error: "boom"))
        #expect(bench.state("b") == .backingOff)
        let last = bench.send(.crashed(a, error: "boom"))
        #expect(last.contains("g gave up: more than 2 restarts within 1m: `a`: boom"))
        bench.fire("g")
        bench.becomeReady("a", "b")
        exhaust(&bench, 2)
        #expect(bench.state("a") == .ready, "a group that starts anew has a fresh window")
    }

    @Test func `an essential child that gives up takes its group along, which starts anew`() {
        var bench = CoreBench()
        let essential = CoreBench.child("a", mode: .never, essential: true)
        let children = [essential, CoreBench.child("b"), CoreBench.child("user", requires: ["a"])]
        bench.serve(children, in: [CoreBench.group("g", .oneForOne, ["a", "b"])])
        bench.send(bench.change(start: [CoreBench.child("late", requires: ["a"])]))
        #expect(bench.effects(of: .crashed(a, error: "boom")) == ["ask b.1"])
        #expect(bench.state("a") == .failed)
        bench.send(bench.change(start: [CoreBench.child("later", requires: ["a"])]))
        #expect(bench.state("later") == .created, "its requirement will come back")
        bench.send(.exited(b))
        #expect(bench.fire("g") == ["restart a.1", "restart b.1"])
        bench.send(.prepared(a))
        #expect(bench.effects(of: .ready(a)) == ["run later.1"])
    }

    @Test func `what waits for a child whose group starts anew goes on waiting`() {
        var bench = CoreBench()
        let children = [
            CoreBench.child("a", mode: .never, essential: true),
            CoreBench.child("user", requires: ["a"], essential: true),
        ]
        bench.send(bench.change(start: children, groups: [CoreBench.group("g", .oneForOne, ["a"])]))
        let actions = bench.send(.crashed(a, error: "boom"))
        #expect(actions.contains("reply 1: a.1 failed, user.1 backing-off"))
        #expect(bench.state("user") == .created)
        #expect(bench.fire("g") == ["restart a.1"])
        bench.send(.prepared(a))
        #expect(bench.effects(of: .ready(a)) == ["run user.1"])
    }

    @Test func `a child that is not essential fails alone`() {
        var bench = CoreBench()
        let children = [CoreBench.child("a", mode: .never), CoreBench.child("b")]
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        #expect(bench.effects(of: .crashed(a, error: "boom")) == [])
        #expect(bench.state("a") == .failed)
        #expect(bench.state("b") == .ready)
    }

    @Test func `a group past its own restarts ends the tree in order`() {
        var bench = CoreBench()
        let group = CoreBench.group("g", .oneForAll, ["a"], intensity: 0) { $0.intensity = 1 }
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [group])
        bench.send(.crashed(a, error: "first"))
        bench.fire("g")
        bench.becomeReady("a")
        let last = bench.effects(of: .crashed(a, error: "second"))
        #expect(last == ["ask b.1"])
        #expect(
            bench.effects(of: .exited(b)) == [
                "escalated by g: more than 0 restarts within 1m: `a`: second"
            ]
        )
    }

    @Test(arguments: Strategy.allCases)
    func `the strategy of the outer group applies to the inner one as to a child`(strategy: Strategy) {
        var bench = CoreBench()
        let groups = [
            CoreBench.group("outer", strategy, ["before", "inner", "after"]),
            CoreBench.group("inner", .oneForOne, ["a", "b"], intensity: 0),
        ]
        bench.serve(["before", "a", "b", "after"].map { CoreBench.child($0) }, in: groups)
        let halts = bench.effects(of: .crashed(a, error: "boom"))
        switch strategy {
        case .oneForOne: #expect(halts == ["ask b.1"])
        case .oneForAll: #expect(halts == ["ask after.1", "ask b.1", "ask before.1"])
        case .restForOne: #expect(halts == ["ask after.1", "ask b.1"])
        }
    }

    @Test func `a nested escalation goes up level by level`() {
        var bench = CoreBench()
        let groups = [
            CoreBench.group("outer", .oneForOne, ["inner", "o"], intensity: 1) { $0.intensity = 1 },
            CoreBench.group("inner", .oneForOne, ["a"], intensity: 0) { $0.intensity = 9 },
        ]
        bench.serve([CoreBench.child("a"), CoreBench.child("o"), CoreBench.child("root")], in: groups)
        #expect(bench.effects(of: .crashed(a, error: "1")) == [], "inner starts anew")
        bench.fire("inner")
        bench.becomeReady("a")
        #expect(bench.effects(of: .crashed(a, error: "2")) == ["ask o.1"], "outer is past its intensity")
        bench.send(.exited(CoreBench.id("o")))
        #expect(bench.fire("outer") == ["restart a.1", "restart o.1"])
        bench.becomeReady("a", "o")
        bench.send(.crashed(a, error: "3"))
        #expect(bench.fire("inner") == ["restart a.1"], "outer has a fresh window")
        bench.becomeReady("a")
        #expect(bench.effects(of: .crashed(a, error: "4")) == ["ask root.1", "ask o.1"])
        bench.send(.exited(CoreBench.id("o")))
        let end = bench.effects(of: .exited(CoreBench.id("root")))
        #expect(end.first?.hasPrefix("escalated by outer: more than 1 restart within 1m: `inner`") == true)
    }

    @Test func `what fails inside a group that is down starts anew with it`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a")], in: [CoreBench.group("g", .oneForOne, ["a"], intensity: 0)])
        bench.serve(CoreBench.child("b", mode: .never, essential: true))
        bench.send(.crashed(a, error: "boom"))
        bench.send(bench.change(groups: [CoreBench.group("g", .oneForOne, ["a", "b"], intensity: 0)]))
        #expect(bench.effects(of: .crashed(b, error: "boom")) == [])
        #expect(bench.fire("g") == ["restart a.1", "restart b.1"])
    }

    @Test(arguments: [true, false])
    func `a tree ends amid a round and leaves no timer`(isForced: Bool) {
        var bench = CoreBench()
        let groups = [
            CoreBench.group("outer", .oneForAll, ["inner", "b"]),
            CoreBench.group("inner", .oneForAll, ["a"], intensity: 0),
        ]
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: groups)
        bench.send(.crashed(a, error: "boom"))
        let actions = bench.send(isForced ? .force : .shutDown(limit: .seconds(5)))
        #expect(actions.contains("cancel timer 1 of group inner"))
        #expect(bench.effects(of: .exited(b)) == ["shut down, forced: [\(isForced ? "b.1" : "")]"])
    }
}
