import TestSupport
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct SimulationTests {
    /// Names the seed of a run that is to be repeated.
    static let variable = "SUPERVISION_SEED"

    /// Trees that once broke a promise, or seemed to: each had a change with an update during its shutdown.
    @Test(arguments: [9_154_833_914_678_385_829, 10_953_723_233_925_079_425] as [UInt64])
    func `the promises hold in trees that are known to be hard`(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        #expect(simulation.run(limit: 2_000) == [], "\(Self.variable)=\(seed)")
    }

    @Test func `the promises of the tree hold whatever happens`() {
        var seeds = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        var events = 0
        var trees = 0
        if let seed = environmentVariable(Self.variable).flatMap({ UInt64($0) }) {
            var simulation = Simulation(seed: seed, isTraced: true)
            #expect(simulation.run(limit: 2_000) == [], "\(Self.variable)=\(seed)")
            return
        }
        while events < 100_000 {
            let seed = seeds.next()
            var simulation = Simulation(seed: seed)
            let broken = simulation.run(limit: 2_000)
            guard broken.isEmpty else {
                Issue.record("\(broken)\nrepeat with \(Self.variable)=\(seed)")
                return
            }
            events += simulation.events
            trees += 1
        }
        #expect(trees > 10, "more than one tree was tried")
    }
}
