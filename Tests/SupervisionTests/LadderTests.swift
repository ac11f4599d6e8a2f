import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct LadderTests {
    private let a = CoreBench.id("a")

    @Test func `a stop asks, cancels after the drain, and reports who does not even end then`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        let stop = bench.send(bench.change(stop: ["a"]))
        #expect(stop == ["reply 2: ", "a.1 -> draining", "ask a.1", "set timer 1 of a.1 after 10.0 seconds"])
        let drained = bench.send(.fired(.child(a, sequence: 1, number: 1)))
        #expect(drained == ["cancel a.1", "set timer 2 of a.1 after 2.0 seconds"])
        #expect(bench.send(.fired(.child(a, sequence: 1, number: 2))) == ["a.1 is unresponsive"])
        #expect(bench.send(.fired(.child(a, sequence: 1, number: 2))) == [])
    }

    @Test func `at the limit of a shutdown everything left is forced and named`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"), CoreBench.child("b", requires: ["a"]))
        bench.send(.shutDown(limit: .seconds(5)))
        #expect(bench.effects(of: .fired(.shutDownLimit)) == ["cancel b.1", "ask a.1", "cancel a.1"])
        bench.send(.exited(CoreBench.id("b")))
        #expect(bench.effects(of: .exited(a)) == ["shut down, forced: [b.1, a.1]"])
    }

    @Test func `what a child had to cut is reported once and names the child`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.shutDown(limit: .seconds(5)))
        #expect(bench.send(.cut(a, ["one", "two"])) == ["a.1 forced: one, two"])
        #expect(bench.send(.cut(a, [])) == [])
        #expect(bench.effects(of: .exited(a)) == ["shut down, forced: [a.1]"])
    }

    @Test func `force while backing off and while waiting leaves nothing behind`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.crashed(a, error: "boom"))
        bench.send(bench.change(start: [CoreBench.child("b", requires: ["a"])]))
        #expect(bench.effects(of: .force) == ["discard b.1", "cancel b.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["shut down, forced: []"])
    }

    @Test func `a stop while preparing cancels the preparation with the request`() {
        var bench = CoreBench()
        bench.serve(CoreBench.child("a"))
        bench.send(.crashed(a, error: "boom"))
        bench.send(.fired(.child(a, sequence: 1, number: 1)))
        #expect(bench.effects(of: bench.change(stop: ["a"])) == ["reply 2: ", "ask a.1", "cancel a.1"])
    }

    @Test func `giving up on an essential child stops the others in order`() {
        var bench = CoreBench()
        bench.serve(
            CoreBench.child("a"),
            CoreBench.child("b", requires: ["a"]),
            CoreBench.child("c", mode: .never, essential: true)
        )
        #expect(bench.effects(of: .crashed(CoreBench.id("c"), error: "boom")) == ["ask b.1"])
        #expect(bench.effects(of: .exited(CoreBench.id("b"))) == ["ask a.1"])
        #expect(bench.effects(of: .exited(a)) == ["escalated by c: it is never restarted: boom"])
    }

    @Test func `ten thousand children in a chain start and stop without delay`() {
        var bench = CoreBench()
        let count = 10_000
        let children = (0..<count).map { CoreBench.child("s\($0)", requires: $0 == 0 ? [] : ["s\($0 - 1)"]) }
        bench.send(bench.change(start: children))
        for child in children {
            bench.send(.ready(child.id))
        }
        bench.send(.shutDown(limit: .seconds(30)))
        var last: [String] = []
        for child in children.reversed() {
            last = bench.effects(of: .exited(child.id))
        }
        #expect(last == ["shut down, forced: []"])
    }
}
