import ControlPlane

/// A daemon with every trouble that a status can show, and texts that are made to break a terminal.
enum Sample {
    static let hostile = "exit code 1\u{1b}[2J\u{1b}]0;owned\u{07}\r\nroot:\u{202e}x\u{200b} \u{0}end"

    static var snapshot: Snapshot {
        var daemon = DaemonStatus(
            version: "0.1.0",
            pid: 812,
            configuration: "/etc/swift-supervisor/services.yaml",
            at: "2026-11-28T09:00:00Z"
        )
        daemon.generation = 6
        daemon.state = .reloading
        daemon.unreadyReason = "chrome@1 is failed"
        daemon.uptimeSeconds = 273_900
        daemon.load = LoadProgress(phase: .settling, seconds: 3.2)
        daemon.load?.waitingFor = ["chrome@0", "web", "files", "mirror"]
        daemon.probation = Probation(generation: 6, remainingSeconds: 41.6, needsConfirmation: true)
        var snapshot = Snapshot(daemon: daemon)
        snapshot.services =
            [echo, web, oldWeb] + pair + [chrome, failedChrome, longName, hostileService, byHand, removed]
        snapshot.groups = [
            GroupStatus(name: "browser@0", strategy: "one-for-all", children: ["bridge@0", "chrome@0"]),
            GroupStatus(name: "browser@1", strategy: "one-for-all", children: ["bridge@1", "chrome@1"]),
            GroupStatus(name: "edge", strategy: "rest-for-one", children: ["inner", "web"]),
            GroupStatus(name: "inner", strategy: "one-for-one", group: "edge", children: ["hostile"]),
        ]
        snapshot.pools = [pool]
        snapshot.loads = [
            LoadRecord(at: "2026-11-28T08:59:56Z", cause: .request, verdict: applied)
        ]
        return snapshot
    }

    /// A daemon to which nothing has happened.
    static var calm: Snapshot {
        var snapshot = snapshot
        snapshot.daemon.state = .serving
        snapshot.daemon.ready = true
        snapshot.daemon.unreadyReason = nil
        snapshot.daemon.load = nil
        snapshot.daemon.probation = nil
        snapshot.services = [echo]
        snapshot.groups = []
        return snapshot
    }

    private static var echo: ServiceStatus {
        var echo = ServiceStatus(name: "echo", type: "echo", generation: 1, state: "ready", stateSeconds: 273_899)
        echo.listen = ["127.0.0.1:7007", "[::1]:7007"]
        echo.connections = 2
        echo.connectionLimit = 1_000
        echo.traffic = traffic(1_234, 3_456_789)
        return echo
    }

    private static var web: ServiceStatus {
        var web = ServiceStatus(name: "web", type: "forward", generation: 6, state: "preparing", stateSeconds: 0.12)
        web.group = "edge"
        web.listen = ["127.0.0.1:8080"]
        web.target = "127.0.0.1:80"
        web.connectionLimit = 4_096
        web.traffic = traffic(0, 0)
        return web
    }

    private static var oldWeb: ServiceStatus {
        var web = ServiceStatus(name: "web", type: "forward", generation: 5, state: "draining", stateSeconds: 4)
        web.group = "edge"
        web.current = false
        web.connections = 14
        web.connectionLimit = 4_096
        web.traffic = traffic(12_345, 99)
        return web
    }

    private static var pair: [ServiceStatus] {
        (0..<2).map { index in
            var bridge = ServiceStatus(
                name: "bridge@\(index)",
                type: "proxy-bridge",
                generation: 6,
                state: "ready",
                stateSeconds: 3
            )
            bridge.group = "browser@\(index)"
            bridge.restarts = index
            bridge.listen = ["127.0.0.1:\(8_888 + index)"]
            bridge.connections = 120 * index
            bridge.connectionLimit = 1_024
            bridge.traffic = traffic(1_500_000, 98_000_000)
            var status = BridgeStatus()
            status.upstream = "residential[\(index)]"
            status.requests = 1_200
            status.tunnels = 1_100
            status.openTunnels = 118 * index
            if index == 1 {
                status.trouble = "proxy.example:3128 refuses the credential, since 12s"
                status.failures = ["connection_refused": 3, "proxy_authentication": 17, "none": 0]
                bridge.condition = .unhealthy
                bridge.conditionReason = "the upstream refuses its credential"
            }
            bridge.bridge = status
            return bridge
        }
    }

    private static var chrome: ServiceStatus {
        var chrome = process("chrome@0", "backing-off", 0.2)
        chrome.group = "browser@0"
        chrome.restarts = 3
        chrome.nextRestartSeconds = 0.512
        chrome.lastError = "exit code 1"
        chrome.requires = ["bridge@0"]
        return chrome
    }

    private static var failedChrome: ServiceStatus {
        var chrome = process("chrome@1", "failed", 62)
        chrome.group = "browser@1"
        chrome.restarts = 5
        chrome.lastError = "gave up after 5 restarts in 60s: killed by signal 11 (SIGSEGV), core dumped"
        return chrome
    }

    private static var longName: ServiceStatus {
        var service = process("the-service-with-the-longest-name-that-anybody-has-seen@12", "running", 90)
        service.pid = 4_194_303
        service.condition = .blocked
        service.conditionReason = "no word from its watchdog for 31s"
        service.essential = false
        return service
    }

    private static var hostileService: ServiceStatus {
        var service = process("hostile", "created", 5)
        service.group = "inner"
        service.waitsFor = ["chrome@1", "数据库"]
        service.lastError = Sample.hostile
        return service
    }

    private static var byHand: ServiceStatus {
        var service = process("files", "stopped", 3_725)
        service.stoppedByHand = true
        return service
    }

    private static var removed: ServiceStatus {
        var service = ServiceStatus(name: "gone", type: "echo", generation: 4, state: "draining", stateSeconds: 9)
        service.current = false
        service.group = "dissolved"
        service.connections = 1
        service.traffic = traffic(0, 0)
        return service
    }

    private static func process(_ name: String, _ state: String, _ seconds: Double) -> ServiceStatus {
        ServiceStatus(name: name, type: "process", generation: 6, state: state, stateSeconds: seconds)
    }

    private static func traffic(_ received: Double, _ sent: Double) -> Traffic {
        var traffic = Traffic()
        traffic.receivedPerSecond = received
        traffic.sentPerSecond = sent
        traffic.rateSeconds = 1
        return traffic
    }

    private static var pool: PoolStatus {
        var pool = PoolStatus(name: "residential", allocation: "exclusive")
        var members = (0..<3).map {
            PoolStatus.Member(name: "residential[\($0)]", address: "socks5h://member-\($0).provider.example:1080")
        }
        members[0].holders = ["bridge@0"]
        members[1].holders = ["bridge@1"]
        members[1].state = .failed
        members[1].trouble = "proxy_authentication"
        members[1].troubleSeconds = 12
        members[2].state = .cooling
        pool.members = members
        return pool
    }
}
