import ControlPlane

extension Sample {
    static var applied: VerdictDocument {
        var verdict = VerdictDocument(
            outcome: "applied",
            generation: 6,
            summary: "applied: 1 restart, 1 start, 2 keep, log.level, 8 of 10 services ready: chrome@0 is backing-off: "
                + "exit code 1; chrome@1 is failed",
            exitCode: 0
        )
        verdict.plan = steps
        verdict.settings = ["log.level"]
        verdict.unready = [
            .init(service: "chrome@0", state: "backing-off", reason: "exit code 1"),
            .init(service: "chrome@1", state: "failed", reason: Sample.hostile),
        ]
        verdict.draining = .init(services: 2, connections: 15)
        verdict.probation = Probation(generation: 6, remainingSeconds: 60, needsConfirmation: true)
        return verdict
    }

    static var planned: VerdictDocument {
        var verdict = VerdictDocument(outcome: "planned", generation: 5, summary: "1 restart", exitCode: 0)
        verdict.plan = steps
        verdict.settings = ["log.level", "shutdown.drain"]
        return verdict
    }

    static var rejected: VerdictDocument {
        let text = "cannot bind 127.0.0.1:8889: address already in use"
        var bind = VerdictDocument.Problem(
            kind: "bind",
            message: text,
            text: "services.yaml:14:13: \(text) (errno 98, held by python3, pid 4321)"
        )
        bind.service = "bridge@1"
        bind.file = "services.yaml"
        bind.line = 14
        bind.column = 13
        bind.address = "127.0.0.1:8889"
        bind.errno = 98
        bind.holder = .init(pid: 4_321, command: "python3")
        let missing = "services.yaml:30:14: cannot run chromium: no such program in PATH; install it"
        var verdict = VerdictDocument(
            outcome: "rejected",
            generation: 5,
            summary: "rejected: \(bind.text) (and 1 more)",
            exitCode: 69
        )
        verdict.errors = [bind, .init(kind: "preparation", message: missing, text: missing)]
        return verdict
    }

    static var reverted: VerdictDocument {
        let text = "cannot keep generation 6: chrome@1 gave up after 5 restarts in 60s"
        var verdict = VerdictDocument(outcome: "reverted", generation: 7, summary: "reverted: \(text)", exitCode: 70)
        verdict.errors = [.init(kind: "trial", message: text, text: text)]
        return verdict
    }

    static var busy: VerdictDocument {
        VerdictDocument(outcome: "busy", generation: 6, summary: "busy: another load is under way", exitCode: 75)
    }

    static var calledOff: VerdictDocument {
        VerdictDocument(outcome: "called-off", generation: 6, summary: "called off by a shutdown", exitCode: 75)
    }

    static var unchanged: VerdictDocument {
        VerdictDocument(outcome: "unchanged", generation: 6, summary: "unchanged", exitCode: 0)
    }

    private static var steps: [VerdictDocument.Step] {
        var keep = VerdictDocument.Step(service: "echo", step: "keep")
        keep.file = "services.yaml"
        keep.line = 3
        var restart = VerdictDocument.Step(service: "bridge@0", step: "restart")
        restart.causes = ["services.bridge.listen", "upstreams.office.password"]
        restart.file = "services.yaml"
        restart.line = 14
        restart.endsConnections = 12
        var long = VerdictDocument.Step(
            service: "the-service-with-the-longest-name-that-anybody-has-seen@12",
            step: "start"
        )
        long.file = "/etc/swift-supervisor/conf.d/browsers-of-the-second-floor.yaml"
        long.line = 1_203
        var apply = VerdictDocument.Step(service: "web", step: "apply")
        apply.causes = ["services.web.max_connections"]
        apply.file = "services.yaml"
        apply.line = 9
        var stop = VerdictDocument.Step(service: "old", step: "stop")
        stop.endsConnections = 1
        stop.endsProcess = 4_321
        return [keep, restart, long, apply, stop]
    }

    static var connections: ConnectionList {
        var first = ConnectionStatus(
            id: 7,
            service: "bridge@0",
            generation: 5,
            client: "127.0.0.1:51234",
            seconds: 3_725,
            received: 12_345,
            sent: 98_765_432
        )
        first.purpose = "CONNECT a-very-long-name.of-a-host.somewhere.example:443 by residential[0]"
        first.draining = true
        let second = ConnectionStatus(
            id: 9,
            service: "echo",
            generation: 1,
            client: "[2001:db8::1234:5678:9abc:def0]:65535",
            seconds: 0.04,
            received: 0,
            sent: 0
        )
        return ConnectionList([first, second], omitted: 3)
    }

    static var events: [EventRecord] {
        var state = EventRecord(sequence: 1, at: "2026-11-28T09:00:00Z", kind: .state, text: "is ready")
        state.service = "bridge@0"
        state.state = "ready"
        state.generation = 6
        var crash = EventRecord(
            sequence: 2,
            at: "2026-11-28T09:00:01Z",
            kind: .crashed,
            text: "crashed: \(Sample.hostile)"
        )
        crash.service = "chrome@0"
        var group = EventRecord(
            sequence: 3,
            at: "2026-11-28T09:00:01Z",
            kind: .groupRestarts,
            text: "restarts after 500ms because chrome@0 crashed"
        )
        group.group = "browser@0"
        group.seconds = 0.5
        var lost = EventRecord(
            at: "2026-11-28T09:00:02Z",
            kind: .lost,
            text: "12 events are missing: the reader was too slow"
        )
        lost.count = 12
        let load = EventRecord(
            sequence: 16,
            at: "2026-11-28T09:00:03Z",
            kind: .load,
            text: "applied: 1 restart, 2 keep"
        )
        return [state, crash, group, lost, load]
    }

    static let rotations = RotationDocument([
        .init(service: "bridge@0", outcome: .moved, upstream: "residential[2]"),
        .init(service: "bridge@1", outcome: .nothingFree, upstream: "residential[1]"),
        .init(service: "echo", outcome: .notPooled, upstream: nil),
        .init(service: "bridge@2", outcome: .busy, upstream: "residential[0]"),
    ])
}
