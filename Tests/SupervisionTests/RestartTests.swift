import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct RestartTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var mode: RestartPolicy.Mode
        var crashes: Bool
        var from: ChildState
        var to: ChildState?

        var testDescription: String {
            "\(mode), \(crashes ? "crash" : "exit") when \(from) -> \(to.map { "\($0)" } ?? "gone")"
        }
    }

    /// Restart x exit x state; a child that was asked to stop leaves the tree whatever its policy says.
    static let cases: [Case] = {
        let table: [(RestartPolicy.Mode, Bool, ChildState)] = [
            (.always, false, .backingOff), (.always, true, .backingOff),
            (.onFailure, false, .stopped), (.onFailure, true, .backingOff),
            (.never, false, .stopped), (.never, true, .failed),
        ]
        return table.flatMap { mode, crashes, to in
            [
                // Before it runs, a child that is not essential is tried again and again.
                Case(mode: mode, crashes: crashes, from: .preparing, to: crashes ? .backingOff : to),
                Case(mode: mode, crashes: crashes, from: .running, to: to),
                Case(mode: mode, crashes: crashes, from: .ready, to: to),
                Case(mode: mode, crashes: crashes, from: .draining, to: nil),
            ]
        }
    }()

    @Test(arguments: cases)
    func `the policy decides after an exit`(_ entry: Case) throws {
        var bench = CoreBench()
        let id = CoreBench.id("a")
        bench.send(bench.change(start: [CoreBench.child("a", mode: .always)]))
        if entry.from == .preparing {
            bench.send(.crashed(id, error: "first"))
            bench.send(.fired(.child(id, sequence: 1, number: 1)))
        }
        if entry.from == .ready { bench.send(.ready(id)) }
        let rules = CoreBench.child("a", mode: entry.mode)
        bench.send(.apply(CoreChange(number: 2, update: [rules])))
        if entry.from == .draining { bench.send(bench.change(stop: ["a"])) }
        #expect(bench.state("a") == entry.from)
        bench.send(entry.crashes ? .crashed(id, error: "boom") : .exited(id))
        #expect(bench.state("a") == entry.to)
    }

    @Test func `delays double up to the maximum and start anew after a long readiness`() {
        var bench = CoreBench()
        let id = CoreBench.id("a")
        bench.serve(CoreBench.child("a") { $0.intensity = 100 })
        var delays: [Duration] = []
        for _ in 0..<8 {
            bench.send(.crashed(id, error: "boom"))
            let status = bench.core.statuses(at: bench.now).first
            delays.append(status?.nextRestart ?? .zero)
            restart(&bench, id)
        }
        #expect(delays == [0.5, 1, 2, 4, 8, 16, 30, 30].map { Duration.seconds($0) })
        bench.now += .milliseconds(29_999)
        bench.send(.crashed(id, error: "boom"))
        #expect(bench.core.statuses(at: bench.now).first?.nextRestart == .seconds(30))
        restart(&bench, id)
        bench.now += .seconds(30)
        bench.send(.crashed(id, error: "boom"))
        #expect(bench.core.statuses(at: bench.now).first?.nextRestart == .milliseconds(500))
    }

    private func restart(_ bench: inout CoreBench, _ id: ChildID) {
        bench.now += bench.core.statuses(at: bench.now).first?.nextRestart ?? .zero
        let number = (bench.core.children[id]?.restarts ?? 0) + 1
        bench.send(.fired(.child(id, sequence: 1, number: number)))
        bench.send(.prepared(id))
        bench.send(.ready(id))
    }

    @Test(arguments: [(0.0, 900), (0.5, 1000), (0.999999, 1100)])
    func `jitter spreads a delay by its part`(random: Double, milliseconds: Int) {
        var backoff = Backoff()
        var policy = RestartPolicy()
        policy.initialDelay = .seconds(1)
        let delay = backoff.nextDelay(policy, random: random)
        let expected = Duration.milliseconds(milliseconds)
        #expect(delay > expected - .milliseconds(1) && delay <= expected)
    }

    @Test func `the crash after the last restart of a period gives up`() {
        var bench = CoreBench()
        let id = CoreBench.id("a")
        bench.serve(CoreBench.child("a"))
        for _ in 0..<5 {
            bench.send(.crashed(id, error: "boom"))
            restart(&bench, id)
        }
        let last = bench.send(.crashed(id, error: "boom"))
        #expect(
            last == [
                "a.1 crashed: boom", "a.1 -> failed", "a.1 gave up: more than 5 restarts within 1m: boom",
            ]
        )
    }

    @Test func `restarts that have left the period do not count`() {
        var bench = CoreBench()
        let id = CoreBench.id("a")
        bench.serve(CoreBench.child("a"))
        for _ in 0..<50 {
            bench.send(.crashed(id, error: "boom"))
            #expect(bench.state("a") == .backingOff)
            restart(&bench, id)
            bench.now += .seconds(13)
        }
    }
}
