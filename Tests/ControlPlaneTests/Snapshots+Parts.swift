import ControlPlane

extension Snapshots {
    static let echo = with(service("echo", "echo", seconds: 273_910)) {
        $0.listen = ["127.0.0.1:7007", "[::1]:7007"]
        $0.connections = 12
        $0.connectionLimit = 10_000
        $0.traffic = traffic(4_210, 9_120_334, 9_120_334, rate: 1_840)
    }

    static let web = with(service("web", "forward", seconds: 92_114)) {
        $0.listen = ["127.0.0.1:8080"]
        $0.target = "127.0.0.1:80"
        $0.connections = 27
        $0.connectionLimit = 500
        $0.traffic = traffic(88_012, 420_118_203, 19_420_118_203, rate: 310_500)
    }

    static let pool = with(PoolStatus(name: "residential", allocation: "exclusive")) {
        $0.members = (0..<3).map { index in
            let address = "socks5h://\(["a", "b", "c"][index]).example:1080"
            return with(PoolStatus.Member(name: "residential[\(index)]", address: address)) {
                if index < 2 { $0.holders = ["bridge@\(index)"] }
            }
        }
    }

    static func service(_ name: String, _ type: String, seconds: Double) -> ServiceStatus {
        ServiceStatus(name: name, type: type, generation: 7, state: "ready", stateSeconds: seconds)
    }

    static func bridge(_ index: Int) -> ServiceStatus {
        with(service("bridge@\(index)", "proxy-bridge", seconds: 92_100 + Double(index))) {
            $0.group = "browser@\(index)"
            $0.listen = ["127.0.0.1:\(8888 + index)"]
            $0.connections = 38 + index
            $0.connectionLimit = 200
            $0.traffic = traffic(12_004, 90_118_203, 2_420_118_203, rate: 96_250 * Double(index + 1))
            $0.bridge = BridgeStatus()
            $0.bridge?.upstream = "residential[\(index)]"
            $0.bridge?.requests = 12_930
            $0.bridge?.tunnels = 11_870
            $0.bridge?.openTunnels = 36 + index
            $0.bridge?.failures = ["destination_not_found": 3]
        }
    }

    static func browser(_ index: Int) -> ServiceStatus {
        with(service("chrome@\(index)", "process", seconds: 92_098)) {
            $0.group = "browser@\(index)"
            $0.requires = ["bridge@\(index)"]
            $0.pid = 2_000 + Int32(index)
        }
    }

    static func load(
        _ at: String,
        _ cause: LoadRecord.Cause,
        _ outcome: String,
        _ generation: UInt64,
        _ summary: String
    ) -> LoadRecord {
        LoadRecord(
            at: at,
            cause: cause,
            verdict: VerdictDocument(outcome: outcome, generation: generation, summary: summary, exitCode: 0)
        )
    }

    static func step(_ service: String, _ step: String, _ causes: [String]) -> VerdictDocument.Step {
        with(VerdictDocument.Step(service: service, step: step)) { $0.causes = causes }
    }

    private static func traffic(
        _ connections: UInt64,
        _ received: UInt64,
        _ sent: UInt64,
        rate: Double
    ) -> Traffic {
        with(Traffic()) {
            $0.connections = connections
            $0.received = received
            $0.sent = sent
            $0.receivedPerSecond = rate / 8
            $0.sentPerSecond = rate
            $0.rateSeconds = 2
        }
    }
}
