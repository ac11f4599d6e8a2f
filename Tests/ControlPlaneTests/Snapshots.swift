import ControlPlane

/// Snapshots of a daemon in different moments of its life, for the views of them.
enum Snapshots {
    /// Two browsers with their bridges, an echo, a forward and a program by itself; all is well.
    static let healthy: Snapshot = {
        var snapshot = Snapshot(
            daemon: DaemonStatus(
                version: "0.9.0",
                pid: 812,
                configuration: "/etc/swift-supervisor/services.yaml",
                at: "2026-03-01T09:00:00Z"
            )
        )
        snapshot.daemon.generation = 7
        snapshot.daemon.state = .serving
        snapshot.daemon.ready = true
        snapshot.daemon.uptimeSeconds = 273_912.5
        snapshot.daemon.loads = ["applied": 6, "unchanged": 1]
        snapshot.services = [
            bridge(0), bridge(1), browser(0), browser(1), echo, web,
            with(service("exporter", "process", seconds: 86_400)) {
                $0.pid = 1_203
                $0.essential = false
                $0.restarts = 1
            },
        ]
        snapshot.groups = (0..<2).map { index in
            GroupStatus(
                name: "browser@\(index)",
                strategy: "one-for-all",
                children: ["bridge@\(index)", "chrome@\(index)"]
            )
        }
        snapshot.pools = [pool]
        snapshot.loads = [
            load("2026-02-26T04:54:48Z", .start, "applied", 1, "applied: 7 services ready"),
            load("2026-02-28T17:20:11Z", .signal, "applied", 7, "applied: 1 apply, 6 keep"),
        ]
        return snapshot
    }()

    /// The exporter has given up, and one bridge has trouble with its upstream.
    static let failed = with(healthy) { snapshot in
        snapshot.daemon.at = "2026-03-01T09:00:04Z"
        snapshot.daemon.uptimeSeconds += 4
        change("exporter", in: &snapshot) {
            $0.state = "failed"
            $0.stateSeconds = 1.2
            $0.restarts = 6
            $0.pid = nil
            $0.lastError = "exit code 127, with 5 failures in 60 s"
        }
        change("bridge@1", in: &snapshot) {
            $0.bridge?.trouble = "connection_refused for 12s"
            $0.bridge?.failures = ["connection_refused": 14, "proxy_internal_response": 2]
            $0.condition = .unhealthy
            $0.conditionReason = "the upstream refuses connections"
        }
        snapshot.pools[0].members[1].state = .failed
        snapshot.pools[0].members[1].trouble = "connection_refused"
        snapshot.pools[0].members[1].troubleSeconds = 12
    }

    /// An essential browser is backing off, so the daemon is not ready, and its group waits.
    static let backingOff = with(healthy) { snapshot in
        snapshot.daemon.ready = false
        snapshot.daemon.unreadyReason = "chrome@1 is backing-off: exit code 1"
        change("chrome@1", in: &snapshot) {
            $0.state = "backing-off"
            $0.stateSeconds = 0.8
            $0.restarts = 3
            $0.pid = nil
            $0.nextRestartSeconds = 14.2
            $0.lastError = "exit code 1"
        }
        change("bridge@1", in: &snapshot) {
            $0.state = "created"
            $0.stateSeconds = 0.8
            $0.waitsFor = ["chrome@1"]
            $0.connections = 0
        }
    }

    /// The last reload was rejected for a mistake in the file and for a port that another program holds.
    static let rejected = with(healthy) { snapshot in
        snapshot.daemon.loads["rejected"] = 1
        var verdict = VerdictDocument(
            outcome: "rejected",
            generation: 7,
            summary: "rejected: services.yaml:14:13: cannot bind 127.0.0.1:8889: address already in use (and 1 more)",
            exitCode: 69
        )
        var bind = VerdictDocument.Problem(
            kind: "bind",
            message: "cannot bind 127.0.0.1:8889: address already in use",
            text: "services.yaml:14:13: cannot bind 127.0.0.1:8889: address already in use "
                + "(errno 98, held by python3, pid 4321)"
        )
        bind.service = "bridge@1"
        bind.holder = VerdictDocument.Holder(pid: 4321, command: "python3")
        let probe = VerdictDocument.Problem(
            kind: "probe",
            message: "cannot use the upstream office",
            text: "services.yaml:3:12: cannot use the upstream office: it refuses the credential; correct it"
        )
        verdict.errors = [bind, probe]
        verdict.plan =
            [step("bridge@0", "apply", ["upstream.password"]), step("bridge@1", "restart", ["listen"])]
            + ["chrome@0", "chrome@1", "echo", "web", "exporter"].map { step($0, "keep", []) }
        snapshot.loads.append(LoadRecord(at: "2026-03-01T08:59:58Z", cause: .request, verdict: verdict))
    }

    /// A reload has replaced the forward and removed a service; both still have connections.
    static let draining = with(healthy) { snapshot in
        snapshot.daemon.generation = 8
        change("web", in: &snapshot) {
            $0.generation = 8
            $0.stateSeconds = 3
            $0.connections = 4
        }
        snapshot.services.append(
            with(service("web", "forward", seconds: 3)) {
                $0.state = "draining"
                $0.current = false
                $0.connections = 23
                $0.connectionLimit = 10_000
                $0.traffic = Traffic()
            }
        )
        snapshot.services.append(
            with(service("legacy", "echo", seconds: 3)) {
                $0.state = "draining"
                $0.current = false
                $0.connections = 2
                $0.connectionLimit = 10_000
                $0.traffic = Traffic()
            }
        )
        var applied = load("2026-03-01T08:59:57Z", .request, "applied", 8, "applied: 1 restart, 1 stop, 5 keep")
        applied.verdict.draining = VerdictDocument.Drain(services: 2, connections: 31)
        applied.verdict.plan = [step("web", "restart", ["listen"]), step("legacy", "stop", [])]
        applied.verdict.plan[0].endsConnections = 27
        applied.verdict.plan[1].endsConnections = 4
        snapshot.loads.append(applied)
    }

    /// The generation is reverted unless somebody confirms it.
    static let probation = with(healthy) { snapshot in
        snapshot.daemon.generation = 8
        snapshot.daemon.probation = Probation(generation: 8, remainingSeconds: 47.6, needsConfirmation: true)
    }

    /// A reload waits for what it has started.
    static let settling = with(healthy) { snapshot in
        snapshot.daemon.state = .reloading
        snapshot.daemon.load = LoadProgress(phase: .settling, seconds: 4.1)
        snapshot.daemon.load?.waitingFor = ["chrome@0", "chrome@1"]
        change("web", in: &snapshot) {
            $0.state = "stopped"
            $0.stoppedByHand = true
            $0.connections = 0
        }
    }

    /// Every text that is free tries to become HTML.
    static let hostile = with(rejected) { snapshot in
        let script = #"<script>document.title="owned"</script><img src=x onerror='document.title="owned"'>"'&\"#
        snapshot.daemon.configuration = script
        snapshot.daemon.unreadyReason = script
        snapshot.daemon.ready = false
        change("echo", in: &snapshot) {
            $0.name = script
            $0.lastError = script + "\nsecond line"
            $0.conditionReason = script
            $0.condition = .blocked
            $0.listen = [script]
        }
        snapshot.groups[0].name = script + "@0"
        change("bridge@0", in: &snapshot) { $0.group = script + "@0" }
        change("chrome@0", in: &snapshot) { $0.group = script + "@0" }
        snapshot.pools[0].name = script
        snapshot.pools[0].members[0].trouble = script
        snapshot.pools[0].members[0].holders = [script]
        snapshot.loads[2].verdict.errors[0].text = script
        snapshot.loads[2].verdict.plan[0].causes = [script]
    }

    /// As many services as a large installation has.
    static func many(_ count: Int, tick: Int = 0) -> Snapshot {
        with(healthy) { snapshot in
            snapshot.services = (0..<count).map { index in
                with(service("worker@\(index)", "echo", seconds: Double(index + tick))) {
                    $0.connections = (index + tick) % 7
                    $0.connectionLimit = 100
                    $0.traffic = Traffic()
                    if index == 500 { $0.state = "failed" }
                }
            }
            snapshot.groups = []
            snapshot.pools = []
        }
    }

    static func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        var value = value
        change(&value)
        return value
    }

    private static func change(_ name: String, in snapshot: inout Snapshot, _ change: (inout ServiceStatus) -> Void) {
        for index in snapshot.services.indices where snapshot.services[index].name == name {
            change(&snapshot.services[index])
        }
    }
}
