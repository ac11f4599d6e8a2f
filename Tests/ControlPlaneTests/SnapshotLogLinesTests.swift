import ControlPlane
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SnapshotLogLinesTests {
    private func line(_ state: String, _ change: (inout ServiceStatus) -> Void) -> String? {
        var service = ServiceStatus(
            name: "chrome@0",
            type: "process",
            generation: 2,
            state: state,
            stateSeconds: 1.234
        )
        service.restarts = 3
        change(&service)
        var snapshot = Snapshot(daemon: DaemonStatus(version: "1", pid: 1, configuration: "services.yaml", at: "now"))
        snapshot.services = [service]
        return snapshot.logLines.first
    }

    @Test func `a line shows what a service holds and belongs to`() {
        let line = line("ready") {
            ($0.condition, $0.conditionReason) = (.unhealthy, "no answer")
            ($0.group, $0.pid, $0.listen, $0.connections) = ("browser@0", 77, ["127.0.0.1:1"], 4)
            $0.essential = false
            $0.bridge = BridgeStatus()
            $0.bridge?.upstream = "residential[1]"
        }
        #expect(
            line == "status chrome@0 ready for 1.23s unhealthy (no answer) group browser@0 pid 77 on 127.0.0.1:1 "
                + "upstream residential[1] connections 4, restarts 3 generation 2 not essential"
        )
    }

    @Test func `what a service does not have is left out`() {
        let line = line("backing-off") { ($0.nextRestartSeconds, $0.lastError) = (0.5, "exit code 1") }
        #expect(
            line == "status chrome@0 backing-off for 1.23s connections 0, restarts 3 generation 2 "
                + "next restart in 500ms last error: exit code 1"
        )
    }

    @Test func `a service that was stopped by hand says so`() {
        #expect(line("stopped") { $0.stoppedByHand = true }?.hasPrefix("status chrome@0 stopped by hand conn") == true)
    }

    @Test func `a bridge shows what it has done`() {
        let line = line("ready") {
            var bridge = BridgeStatus()
            (bridge.upstream, bridge.trouble) = ("office", "credential refused 12s ago")
            (bridge.requests, bridge.tunnels, bridge.openTunnels) = (12, 10, 3)
            bridge.failures = ["connection_refused": 2]
            $0.bridge = bridge
            var traffic = Traffic()
            (traffic.received, traffic.sent) = (400, 9_000)
            $0.traffic = traffic
        }
        #expect(
            line?.contains(
                "upstream office (credential refused 12s ago) "
                    + "requests 12 tunnels 3 of 10 open up 400 down 9000 failed connection_refused 2 connections 0"
            ) == true
        )
    }
}
