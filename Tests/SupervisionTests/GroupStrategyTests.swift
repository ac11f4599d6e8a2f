import Testing

@testable import Supervision

/// OTP's matrix for groups: strategy x restart type x exit.
@Suite(.timeLimit(.minutes(1)))
struct GroupStrategyTests {
    enum Ending: String, Sendable, CaseIterable {
        case normal
        case shutdown
        case abnormal
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var strategy: Strategy
        var mode: RestartPolicy.Mode
        var ending: Ending
        var testDescription: String { "\(strategy.rawValue), \(mode), \(ending.rawValue) exit" }

        /// OTP: permanent always, transient after an abnormal exit, temporary never.
        var restarts: Bool {
            switch (mode, ending) {
            case (.always, .normal), (.always, .abnormal), (.onFailure, .abnormal): true
            case (.onFailure, .normal), (.never, .normal), (.never, .abnormal): false
            case (.always, .shutdown), (.onFailure, .shutdown), (.never, .shutdown): false
            }
        }

        var halts: [String] {
            switch strategy {
            case .oneForOne: []
            case .oneForAll: ["ask c.1", "ask a.1"]
            case .restForOne: ["ask c.1"]
            }
        }
    }

    static let cases = Strategy.allCases.flatMap { strategy in
        [RestartPolicy.Mode.always, .onFailure, .never].flatMap { mode in
            Ending.allCases.map { Case(strategy: strategy, mode: mode, ending: $0) }
        }
    }

    @Test(arguments: cases)
    func `a strategy restarts whom it names, and only when a restart is due`(_ entry: Case) {
        var bench = CoreBench()
        let children = [CoreBench.child("a"), CoreBench.child("b", mode: entry.mode), CoreBench.child("c")]
        bench.serve(children, in: [CoreBench.group("g", entry.strategy, ["a", "b", "c"])])
        let b = CoreBench.id("b")
        if entry.ending == .shutdown { bench.send(bench.change(stop: ["b"])) }
        let halts = bench.effects(of: entry.ending == .abnormal ? .crashed(b, error: "boom") : .exited(b))
        #expect(halts == (entry.restarts ? entry.halts : []))
        guard entry.restarts else { return }
        let covered = entry.halts.map { String($0.dropFirst("ask ".count)) }
        #expect(bench.fire("b.1") == (covered.isEmpty ? ["restart b.1"] : []), "it is held until all are down")
        var restarted: [String] = []
        for name in covered {
            restarted = bench.effects(of: .exited(CoreBench.id(name)))
        }
        #expect(restarted == (covered.isEmpty ? [] : (covered + ["b.1"]).sorted().map { "restart \($0)" }))
    }

    @Test func `a round stops in reverse order of requirements and starts in their order`() {
        var bench = CoreBench()
        let children = [
            CoreBench.child("a"), CoreBench.child("b", requires: ["a"]), CoreBench.child("c", requires: ["b"]),
        ]
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, ["c", "b", "a"])])
        #expect(bench.effects(of: .crashed(CoreBench.id("a"), error: "boom")) == ["ask c.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("c"))) == ["ask b.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == [])
        #expect(bench.fire("a.1") == ["restart a.1"])
        bench.send(.prepared(CoreBench.id("a")))
        #expect(bench.effects(of: .ready(CoreBench.id("a"))) == ["restart b.1"])
        bench.send(.prepared(CoreBench.id("b")))
        #expect(bench.effects(of: .ready(CoreBench.id("b"))) == ["restart c.1"])
        #expect(bench.core.rounds.isEmpty)
    }

    @Test(arguments: [
        (RestartPolicy.Mode.always, "ready", true), (.always, "failed", true), (.onFailure, "ready", true),
        (.onFailure, "ended", true), (.onFailure, "failed", true), (.never, "ready", false), (.never, "ended", false),
        (.never, "failed", false),
    ])
    func `a round starts its siblings again by their restart type`(
        mode: RestartPolicy.Mode,
        state: String,
        restarts: Bool
    ) {
        var bench = CoreBench()
        let sibling = CoreBench.child("s", mode: mode) { $0.intensity = state == "failed" ? 0 : 5 }
        bench.serve([CoreBench.child("a"), sibling], in: [CoreBench.group("g", .oneForAll, ["a", "s"])])
        if state == "ended" { bench.send(.exited(sibling.id)) }
        if state == "failed" { bench.send(.crashed(sibling.id, error: "boom")) }
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        if state == "ready" { bench.send(.exited(sibling.id)) }
        #expect(bench.fire("a.1") == (restarts ? ["restart a.1", "restart s.1"] : ["restart a.1"]))
    }

    @Test func `a halted sibling does not use up its own intensity`() {
        var bench = CoreBench()
        let sibling = CoreBench.child("s") { $0.intensity = 1 }
        bench.serve([CoreBench.child("a"), sibling], in: [CoreBench.group("g", .oneForAll, ["a", "s"])])
        for _ in 0..<3 {
            bench.send(.crashed(CoreBench.id("a"), error: "boom"))
            bench.send(.exited(sibling.id))
            bench.fire("a.1")
            bench.becomeReady("a", "s")
        }
        #expect(bench.core.statuses(at: .zero).map(\.restarts) == [3, 3])
        bench.send(.crashed(sibling.id, error: "boom"))
        #expect(bench.state("s") == .backingOff)
    }

    @Test func `a sibling that fails while it restarts begins the round anew`() {
        var bench = CoreBench()
        let children = [CoreBench.child("a"), CoreBench.child("b", requires: ["a"], essential: true)]
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        bench.send(.exited(CoreBench.id("b")))
        bench.fire("a.1")
        bench.becomeReady("a")
        #expect(bench.state("b") == .preparing)
        #expect(bench.effects(of: .crashed(CoreBench.id("b"), error: "no port")) == ["ask a.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("a"))) == [])
        #expect(bench.fire("b.1") == ["restart a.1"])
        bench.send(.prepared(CoreBench.id("a")))
        #expect(bench.effects(of: .ready(CoreBench.id("a"))) == ["restart b.1"])
    }

    @Test func `a failure outside a round that covers its children widens it`() {
        var bench = CoreBench()
        let children = ["a", "b", "c"].map { CoreBench.child($0) }
        bench.serve(children, in: [CoreBench.group("g", .restForOne, ["a", "b", "c"])])
        #expect(bench.effects(of: .crashed(CoreBench.id("b"), error: "boom")) == ["ask c.1"])
        #expect(bench.effects(of: .crashed(CoreBench.id("a"), error: "boom")) == [])
        bench.send(.exited(CoreBench.id("c")))
        #expect(bench.fire("b.1") == [])
        #expect(bench.fire("a.1") == ["restart a.1", "restart b.1", "restart c.1"])
    }

    @Test func `a halted sibling that never ends is forced, reported, and holds the round, not the tree`() {
        var bench = CoreBench()
        let children = ["a", "b", "other"].map { CoreBench.child($0) }
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        bench.send(.crashed(CoreBench.id("a"), error: "boom"))
        bench.fire("a.1")
        #expect(bench.fire("b.1") == ["cancel b.1"])
        bench.fire("b.1")
        #expect(bench.state("b") == .draining)
        #expect(bench.state("a") == .created)
        bench.send(.crashed(CoreBench.id("other"), error: "boom"))
        #expect(bench.fire("other.1") == ["restart other.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["restart a.1", "restart b.1"])
    }

    @Test func `ten thousand children in a chain restart together without delay`() {
        var bench = CoreBench()
        let names = (0..<10_000).map { "s\($0)" }
        let children = names.enumerated().map { CoreBench.child($1, requires: $0 == 0 ? [] : [names[$0 - 1]]) }
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, names)])
        bench.send(.crashed(children[0].id, error: "boom"))
        bench.fire("s0.1")
        var last: [String] = []
        for child in children.dropFirst().reversed() {
            last = bench.effects(of: .exited(child.id))
        }
        #expect(last == ["restart s0.1"])
        for child in children {
            bench.send(.prepared(child.id))
            bench.send(.ready(child.id))
        }
        #expect(bench.core.statuses(at: .zero).allSatisfy { $0.state == .ready })
    }

    @Test func `what requires a halted child goes on, and starts only when that is ready again`() {
        var bench = CoreBench()
        let children = [
            CoreBench.child("a"), CoreBench.child("b"), CoreBench.child("user", requires: ["b"]),
        ]
        bench.serve(children, in: [CoreBench.group("g", .oneForAll, ["a", "b"])])
        #expect(bench.effects(of: .crashed(CoreBench.id("a"), error: "boom")) == ["ask b.1"])
        #expect(bench.state("user") == .ready)
        bench.send(.crashed(CoreBench.id("user"), error: "boom"))
        #expect(bench.fire("user.1") == [])
        bench.send(.exited(CoreBench.id("b")))
        bench.fire("a.1")
        bench.send(.prepared(CoreBench.id("b")))
        #expect(bench.effects(of: .ready(CoreBench.id("b"))) == ["restart user.1"])
    }
}
