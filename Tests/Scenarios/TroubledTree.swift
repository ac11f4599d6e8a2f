import ScenarioSupport

/// A running daemon whose tree has a trouble of each kind: a service that backs off, one that waits for it, and a
/// bridge whose upstream is down, beside services that are well and have connections.
struct TroubledTree {
    /// Where nothing listens; the same in each run, since a bridge prefers a member of a pool by its address.
    private static let nowhere = [1, 11]

    let daemon: DaemonProcess
    /// Of the echo, the forward and the two bridges.
    let ports: [UInt16]
    /// They stay open as long as the tree is looked at.
    let clients: [ClientSocket]

    init(in scenario: Scenario) throws {
        ports = try Ports.reserve(4)
        daemon = try scenario.readyDaemon(Self.configuration(ports))
        let (echo, tunnel) = (try ClientSocket(to: ports[0]), try ClientSocket(to: ports[3]))
        clients = [echo, tunnel]
        try echo.echo("hello")
        try tunnel.send("CONNECT 127.0.0.1:\(ports[0]) HTTP/1.1\r\nHost: 127.0.0.1:\(ports[0])\r\n\r\n")
        _ = try tunnel.receiveHead()
        let answer = try CurlClient(folder: scenario.folder).get(port: ports[0], through: ports[2], tunnel: false)
        guard answer.status == 502 else { throw ScenarioFailure("cannot see the upstream fail: \(answer)") }
    }

    /// The tree again, with another limit of the forward and another program, or with more services.
    func configure(limit: Int = 10_000, seconds: Int = 1_000, more: String = "") throws {
        try daemon.configure(Self.configuration(ports, limit: limit, seconds: seconds, more: more))
    }

    private static func configuration(
        _ ports: [UInt16],
        limit: Int = 10_000,
        seconds: Int = 1_000,
        more: String = ""
    ) -> ConfigurationText {
        let backoff = "restart: { policy: always, backoff: { initial: 60s, max: 60s, jitter: 0 } }"
        return ConfigurationText(
            """
              echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
              web:
                type: forward
                listen: "127.0.0.1:\(ports[1])"
                to: "127.0.0.1:\(ports[0])"
                requires: echo
                max_connections: \(limit)
              bridge:
                type: proxy-bridge
                listen: "127.0.0.1:\(ports[2])"
                upstream: { pool: residential }
                \(ConfigurationText.loopbackPolicy)
              open:
                type: proxy-bridge
                listen: "127.0.0.1:\(ports[3])"
                upstream: direct
                \(ConfigurationText.loopbackPolicy)
              broken:
                type: process
                command: [/bin/sh, -c, "exit 3"]
                ready: notify
                essential: false
                \(backoff)
              waiting: { type: process, command: [/bin/sleep, "1000"], essential: false, requires: broken }
              sleeper: { type: process, command: [/bin/sleep, "\(seconds)"] }
            \(more)
            """,
            pools: """
                  residential:
                    allocation: exclusive
                    members:
                      - { url: "http://127.0.0.1:\(nowhere[0])" }
                      - { url: "socks5h://127.0.0.1:\(nowhere[1])" }
                """,
            groups: "  pair: { strategy: one-for-all, children: [bridge, sleeper] }",
            drain: "1s"
        )
    }
}
