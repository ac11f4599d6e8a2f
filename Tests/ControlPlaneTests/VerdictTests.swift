import ControlPlane
import Planning
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct VerdictTests {
    private let bind = LoadError(
        kind: .bind,
        service: "bridge@1",
        position: SourcePosition(file: "services.yaml", line: 14, column: 13),
        address: "127.0.0.1:8889",
        errno: 98,
        message: "cannot bind 127.0.0.1:8889: address already in use",
        holder: LoadError.Holder(pid: 4321, command: "python3")
    )

    @Test func `a bind error says where, what, why and who`() {
        let expected =
            "services.yaml:14:13: cannot bind 127.0.0.1:8889: address already in use "
            + "(errno 98, held by python3, pid 4321)"
        #expect(bind.description == expected)
    }

    @Test func `a rejected verdict shows the first error and counts the others`() {
        let verdict = Verdict(outcome: .rejected, generation: 6, errors: [bind, bind, bind])
        #expect(verdict.description == "rejected: \(bind) (and 2 more)")
        #expect(verdict.exitCode == 69)
    }

    @Test func `an error of the configuration decides the exit code`() {
        let place = SourcePosition(file: "services.yaml", line: 1, column: 1)
        let error = LoadError(Diagnostic(at: place, "cannot read it"))
        #expect(Verdict(outcome: .rejected, generation: 6, errors: [bind, error]).exitCode == 65)
        #expect(Verdict(outcome: .unchanged, generation: 6).exitCode == 0)
        #expect(Verdict(outcome: .calledOff, generation: 6).exitCode == 75)
    }

    @Test func `the verdict of a start says what is ready, and lists no settings as changes`() {
        var configuration = Configuration()
        configuration.log.level = .debug
        configuration.shutdown.drain = .seconds(1)
        let plan = Plan(from: Configuration(), to: configuration)
        let ready = Readiness(services: 3, unready: [])
        let start = Verdict(outcome: .applied, generation: 1, plan: plan, readiness: ready)
        #expect("\(start)" == "applied: 3 services ready")
        let reload = Verdict(outcome: .applied, generation: 2, plan: plan, readiness: ready)
        #expect("\(reload)" == "applied: log.level, shutdown.drain")
    }

    @Test func `an applied verdict counts the steps and names changed settings`() {
        var changed = Configuration()
        changed.log.level = .debug
        let verdict = Verdict(
            outcome: .applied,
            generation: 2,
            plan: Plan(from: Configuration(), to: changed)
        )
        #expect(verdict.description == "applied: log.level")
    }
}
