import Testing

@testable import Supervision

/// Changes of the tree amid a round, replacements that wait, and children that enter without a preparation.
@Suite(.timeLimit(.minutes(1)))
struct RoundChangeTests {
    private let a = CoreBench.id("a")
    private let b = CoreBench.id("b")

    /// `a` has failed, `b` is asked; both are in a round of `g`.
    private func benchInRound() -> CoreBench {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        bench.send(.crashed(a, error: "boom"))
        return bench
    }

    @Test func `new rules of a group touch none of its members`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        let groups = [CoreBench.group("g", .oneForOne, ["b"]), CoreBench.group("h", .restForOne, ["a"])]
        #expect(bench.send(bench.change(groups: groups)) == ["reply 2: "])
        #expect(bench.core.statuses(at: .zero).map(\.group) == ["h", "g"])
        #expect(bench.send(bench.change(groups: [])) == ["reply 3: "])
        #expect(bench.core.statuses(at: .zero).map(\.group) == [nil, nil])
    }

    @Test func `a change without groups leaves them, and a later generation inherits its group`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a")], in: [CoreBench.group("g", .oneForAll, ["a"])])
        bench.send(bench.change(start: [CoreBench.child("a.2")], stop: ["a"]))
        #expect(bench.core.statuses(at: .zero).map(\.group) == ["g", "g"])
    }

    @Test func `a member named twice belongs to the first group, and a circle of groups is cut`() {
        var bench = CoreBench()
        let groups = [
            CoreBench.group("g", .oneForAll, ["a", "h"]), CoreBench.group("h", .oneForAll, ["a", "b", "g", "h"]),
        ]
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: groups)
        #expect(bench.core.parents == ["a": "g", "h": "g", "b": "h"])
        #expect(bench.effects(of: .crashed(a, error: "boom")) == ["ask b.1"])
    }

    @Test func `a member that joins during a round is not held by it`() {
        var bench = benchInRound()
        let groups = [CoreBench.group("g", .oneForAll, ["a", "b", "c"])]
        #expect(bench.effects(of: bench.change(start: [CoreBench.child("c")], groups: groups)) == ["run c.1"])
        bench.send(.exited(b))
        #expect(bench.fire("a.1") == ["restart a.1", "restart b.1"])
    }

    @Test func `a halted member that is removed does not hold its round`() {
        var bench = benchInRound()
        #expect(bench.effects(of: bench.change(stop: ["b"])) == ["reply 2: "])
        #expect(bench.fire("a.1") == [])
        #expect(bench.effects(of: .exited(b)) == ["restart a.1"])
        #expect(bench.state("b") == nil)
    }

    @Test func `the failed member that is removed releases its round`() {
        var bench = benchInRound()
        bench.send(.exited(b))
        #expect(bench.effects(of: bench.change(stop: ["a"])) == ["reply 2: ", "restart b.1"])
    }

    @Test func `a replacement of a halted member is held, answered, and runs with the round`() {
        var bench = benchInRound()
        let change = bench.change(start: [CoreBench.child("b.2")], stop: ["b"])
        #expect(bench.effects(of: change) == ["reply 2: b.2 backing-off"])
        #expect(bench.fire("a.1") == [], "the old one still drains")
        #expect(bench.effects(of: .exited(b)) == ["restart a.1", "run b.2"])
        #expect(bench.state("b") == nil)
    }

    @Test func `an old generation of a covered member stops with the round`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        bench.send(bench.change(start: [CoreBench.child("b.2")], stop: ["b"]))
        #expect(bench.effects(of: .crashed(a, error: "boom")) == ["reply 2: b.2 backing-off", "ask b.2", "ask b.1"])
        bench.fire("a.1")
        bench.send(.exited(b))
        #expect(bench.effects(of: .exited(CoreBench.id("b.2"))) == ["restart a.1", "restart b.2"])
    }

    @Test func `a group that is removed while it is down lets its members go`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a")], in: [CoreBench.group("g", .oneForAll, ["a"], intensity: 0)])
        bench.send(.crashed(a, error: "boom"))
        let actions = bench.send(bench.change(groups: []))
        #expect(actions.contains("cancel timer 1 of group g"))
        #expect(actions.last == "restart a.1")
    }

    @Test func `a child that starts in a group that is down waits for it`() {
        var bench = CoreBench()
        let group = CoreBench.group("g", .oneForAll, ["a", "b"], intensity: 0)
        bench.serve([CoreBench.child("a")], in: [group])
        bench.send(.crashed(a, error: "boom"))
        #expect(bench.effects(of: bench.change(start: [CoreBench.child("b")])) == ["reply 2: b.1 backing-off"])
        #expect(bench.fire("g") == ["restart a.1", "run b.1"])
    }

    @Test func `a replacement that waits runs when the old child is over, which is asked at once`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        let children = [
            CoreBench.child("a.2", replacement: .afterStop),
            CoreBench.child("b.2", requires: ["a"], replacement: .afterStop),
        ]
        #expect(bench.effects(of: bench.change(start: children, stop: ["a", "b"])) == ["ask b.1"])
        #expect(bench.effects(of: .exited(b)) == ["ask a.1"])
        #expect(bench.effects(of: .exited(a)) == ["run a.2"])
        #expect(bench.effects(of: .ready(CoreBench.id("a.2"))) == ["run b.2"])
    }

    @Test func `a dependent that is replaced while serving does not hold up what has to end first`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        let children = [CoreBench.child("a.2", replacement: .afterStop), CoreBench.child("b.2", requires: ["a"])]
        #expect(bench.effects(of: bench.change(start: children, stop: ["a", "b"])) == ["ask a.1"])
        #expect(bench.effects(of: .exited(a)) == ["run a.2"])
        #expect(bench.effects(of: .ready(CoreBench.id("a.2"))) == ["run b.2"])
        let last = bench.effects(of: .ready(CoreBench.id("b.2")))
        #expect(last == ["reply 2: a.2 ready, b.2 ready", "ask b.1"])
    }

    @Test func `an unprepared child is tried again for ever, at the capped delay`() {
        var bench = CoreBench()
        let child = CoreBench.child("a", mode: .never, failure: "port in use") { $0.intensity = 0 }
        let actions = bench.send(bench.change(start: [child], groups: [CoreBench.group("g", .oneForAll, ["a", "b"])]))
        #expect(actions.contains("reply 1: a.1 backing-off"))
        #expect(bench.core.statuses(at: .zero).first?.lastError == "port in use")
        for _ in 0..<100 {
            #expect(bench.fire("a.1") == ["restart a.1"])
            bench.send(.crashed(a, error: "port in use"))
        }
        #expect(bench.core.statuses(at: .zero).first?.nextRestart == .seconds(30))
        bench.fire("a.1")
        bench.becomeReady("a")
        bench.send(.crashed(a, error: "boom"))
        #expect(bench.state("a") == .failed, "after it ran, its restart type counts")
    }

    @Test func `a failed preparation of what is not essential leaves its group alone`() {
        var bench = CoreBench()
        bench.serve([CoreBench.child("a"), CoreBench.child("b")], in: [CoreBench.group("g", .restForOne, ["b", "a"])])
        bench.send(.crashed(a, error: "boom"))
        bench.fire("a.1")
        #expect(bench.effects(of: .crashed(a, error: "no program")) == [])
        bench.fire("a.1")
        bench.becomeReady("a")
        #expect(bench.state("b") == .ready)
    }

    @Test(arguments: ["stop", "shutdown", "force"])
    func `a start that hangs stays killable`(way: String) {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.crashed(a, error: "boom"))
        bench.fire("a.1")
        #expect(bench.state("a") == .preparing)
        let kill: CoreEvent =
            switch way {
            case "stop": bench.change(stop: ["a"])
            case "shutdown": .shutDown(limit: .seconds(60))
            default: .force
            }
        #expect(bench.effects(of: kill).contains("cancel a.1"))
        if way != "force" { bench.fire("a.1") }
        let last = bench.core.children[a].map { _ in bench.send(.exited(a)) }
        #expect(last?.contains("forget a.1") == true)
    }

    @Test func `a condition is told when it changes and ends with its life`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        #expect(bench.send(.condition(a, .fine)) == [])
        let sick = ChildCondition.unhealthy("3 of 3 checks failed")
        #expect(bench.send(.condition(a, sick)).count == 1)
        #expect(bench.send(.condition(a, sick)) == [])
        #expect(bench.core.statuses(at: .zero).first?.condition == sick)
        bench.send(.crashed(a, error: "boom"))
        #expect(bench.core.statuses(at: .zero).first?.condition == .fine)
        #expect(bench.send(.condition(a, sick)) == [], "nobody lives whose condition it could be")
    }
}
