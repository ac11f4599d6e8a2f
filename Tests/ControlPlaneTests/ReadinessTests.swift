import ControlPlane
import Supervision
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReadinessTests {
    private func unready(_ count: Int) -> [Readiness.Unready] {
        (0..<count).map { Readiness.Unready(service: "s\($0)", state: .backingOff, reason: "exit code 1") }
    }

    @Test(arguments: [
        (1, 0, "1 service ready"),
        (3, 0, "3 services ready"),
        (3, 1, "2 of 3 services ready: s0 is backing-off: exit code 1"),
        (3, 2, "1 of 3 services ready: s0 is backing-off: exit code 1; s1 is backing-off: exit code 1"),
    ])
    func `what is not ready is named with its reason`(services: Int, missing: Int, text: String) {
        let readiness = Readiness(services: services, unready: unready(missing))
        #expect("\(readiness)" == text)
        #expect(readiness.isDegraded == (missing > 0))
    }

    @Test func `a line names a few and counts the rest`() {
        let text = "\(Readiness(services: 10_000, unready: unready(10_000)))"
        #expect(text.hasPrefix("0 of 10000 services ready: s0 is"))
        #expect(text.hasSuffix("; 9995 more"))
    }

    @Test func `a load that was applied says what is not ready, and is still applied`() {
        let readiness = Readiness(services: 2, unready: unready(1))
        let verdict = Verdict(outcome: .applied, generation: 2, readiness: readiness)
        #expect(verdict.isDegraded)
        #expect(verdict.exitCode == 0)
        #expect(verdict.description.hasSuffix(", 1 of 2 services ready: s0 is backing-off: exit code 1"))
        let whole = Verdict(outcome: .applied, generation: 2, readiness: Readiness(services: 2, unready: []))
        #expect(!whole.isDegraded && !whole.description.contains("ready"))
    }
}
