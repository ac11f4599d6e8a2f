import Testing

@testable import Supervision

/// Children that may not end the root while what they replace could still be brought back.
@Suite(.timeLimit(.minutes(1)))
struct TrialTests {
    private let new = CoreBench.id("a.2")

    /// Serves `a` and replaces it by a second generation on trial, which gives up at once.
    private func failedTrial() -> (CoreBench, [String]) {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a", essential: true), CoreBench.child("b", essential: true))
        let replacement = CoreBench.child("a.2", mode: .never, essential: true)
        bench.send(bench.change(start: [replacement], stop: ["a"], onTrial: ["a"]))
        let actions = bench.send(.crashed(new, error: "boom"))
        return (bench, actions)
    }

    @Test func `an essential child on trial that gives up does not end the root`() {
        let (bench, actions) = failedTrial()
        #expect(actions.contains { $0.contains("a.2 gave up") }, "\(actions)")
        #expect(bench.state("a.2") == .failed)
        #expect(bench.state("b") == .ready)
    }

    @Test func `what a child on trial was to replace goes on when that gives up`() {
        var (bench, _) = failedTrial()
        #expect(bench.state("a") == .ready)
        bench.send(bench.change(start: [CoreBench.child("a.3")], stop: ["a.2"]))
        #expect(bench.state("a") == .ready, "until its successor is ready")
        #expect(bench.effects(of: .ready(CoreBench.id("a.3"))).contains("ask a.1"))
    }

    @Test func `what was held back happens when the trial ends`() {
        var (bench, _) = failedTrial()
        #expect(bench.effects(of: .endTrial) == ["ask a.1", "ask b.1"])
        bench.send(.exited(CoreBench.id("a")))
        bench.send(.exited(CoreBench.id("b")))
        #expect(bench.core.phase == .ended)
    }

    @Test func `the next change forgets what was held back`() {
        var (bench, _) = failedTrial()
        bench.send(bench.change(start: [CoreBench.child("a.3", essential: true)], stop: ["a.2"]))
        #expect(bench.effects(of: .endTrial) == [])
        #expect(bench.state("b") == .ready)
    }

    @Test func `whoever is not on trial ends the root as always`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a", essential: true), CoreBench.child("b", mode: .never, essential: true))
        bench.send(bench.change(start: [CoreBench.child("a.2", essential: true)], stop: ["a"], onTrial: ["a"]))
        #expect(bench.effects(of: .crashed(CoreBench.id("b"), error: "boom")).contains("ask a.2"))
    }

    @Test func `a group with a child on trial does not end the root either`() {
        var bench = CoreBench()
        let group = CoreBench.group("g", .oneForAll, ["a"], intensity: 0) { $0.mode = .never }
        bench.serve([CoreBench.child("a"), CoreBench.child("b", essential: true)], in: [group])
        bench.send(bench.change(start: [CoreBench.child("a.2")], stop: ["a"], groups: [group], onTrial: ["a"]))
        let actions = bench.send(.crashed(new, error: "boom"))
        #expect(actions.contains { $0.contains("g gave up") }, "\(actions)")
        #expect(bench.state("b") == .ready)
        #expect(bench.effects(of: .endTrial).contains("ask b.1"))
    }
}
