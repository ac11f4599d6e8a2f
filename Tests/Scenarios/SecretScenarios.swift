import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Passwords where output is most tempted to show them; every other scenario looks for them too.
    @Suite struct Secrets {
        @Test func `no diagnostic shows the password of the line that it quotes`() throws {
            let damaged = [
                "pasword: \"\(Canary.password)\"",
                "password: \"\(Canary.password)\", pasword: x",
                "password: \"\(Canary.password)\", password: \"\(Canary.password)\"",
                "password: [\"\(Canary.password)\"]",
                "password: { \(Canary.password): 1 }",
                "password: \"\(Canary.specialPassword)",
                "password: \"${env:\(Canary.password)\"",
                "password: !secret \"\(Canary.password)\"",
            ]
            try Scenario.run { scenario in
                for text in damaged {
                    let configuration = ConfigurationText(
                        "  echo: { type: echo, listen: \"127.0.0.1:7007\" }",
                        upstreams: "  office: { url: \"http://127.0.0.1:9\", username: \(Canary.user), \(text) }"
                    )
                    let checked = try CheckedFile.check(configuration.text, in: scenario.folder)
                    #expect(checked.status == .exited(78), "\(text): \(checked.output)")
                    #expect(Canary.leaks(in: checked.output).isEmpty, "\(text): \(checked.output)")
                    let daemon = try scenario.daemon(configuration)
                    #expect(try daemon.awaitExit() == .exited(78), "\(text)")
                }
            }
        }

        @Test func `no output shows the password of an URL`() throws {
            try Scenario.run { scenario in
                let url = "http://\(Canary.user):\(Canary.password)@127.0.0.1:9"
                for text in ["url: \"\(url)\"", "url: \"\(url)\", colour: red", "url: \"\(url):x\""] {
                    let configuration = ConfigurationText(
                        "  echo: { type: echo, listen: \"127.0.0.1:0\" }",
                        upstreams: "  office: { \(text) }"
                    )
                    let checked = try CheckedFile.check(configuration.text, in: scenario.folder)
                    #expect(Canary.leaks(in: checked.output).isEmpty, "\(text): \(checked.output)")
                }
            }
        }

        @Test func `no failure of an upstream shows its password`() throws {
            try Scenario.run { scenario in
                let peer = try TinyproxyPeer(folder: scenario.subfolder("peer"), password: Canary.rotatedPassword)
                scenario.atEnd { peer.stop() }
                let ports = try Ports.reserve(2)
                // A load is not to find out what this is about.
                let keys = "probe: { mode: off }, " + ConfigurationText.loopbackPolicy
                func upstream(_ port: UInt16) -> String {
                    "{ url: \"http://127.0.0.1:\(port)\", username: \(Canary.user), password: \(Canary.password) }"
                }
                let configuration = ConfigurationText(
                    """
                      wrong: { type: proxy-bridge, listen: "127.0.0.1:\(ports[0])", upstream: wrong, \(keys) }
                      gone: { type: proxy-bridge, listen: "127.0.0.1:\(ports[1])", upstream: gone, \(keys) }
                    """,
                    upstreams: "  wrong: \(upstream(peer.port))\n  gone: \(upstream(try Ports.reserve()))"
                )
                let daemon = try scenario.daemon(
                    text: configuration.text.replacing("level: info", with: "level: trace")
                )
                try daemon.awaitReady()
                let curl = CurlClient(folder: scenario.folder)
                for (port, tunnel) in [(ports[0], true), (ports[0], false), (ports[1], true), (ports[1], false)] {
                    let answer = try curl.get(port: 9, path: "/secret", through: port, tunnel: tunnel)
                    #expect((tunnel ? answer.connectStatus : answer.status) == 502, "\(answer)")
                    #expect(Canary.leaks(in: answer.heads + answer.body).isEmpty, "\(answer)")
                }
                daemon.send(SIGUSR1)
                #expect(try daemon.reload().contains("reload unchanged"))
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
