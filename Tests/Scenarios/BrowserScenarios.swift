import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The launcher of browsers: real Chromium behind bridges, behind an authenticated squid.
    @Suite struct Browsers {
        private static let passwords = [
            "alice": Canary.password, "bob": Canary.rotatedPassword, "carol": Canary.specialPassword,
            "dave": Canary.rotatedSpecialPassword,
        ]
        private static let title = "page of the origin"

        @Test
        func `a killed browser comes back behind a new bridge and another upstream, and the others are not touched`()
            throws
        {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin(body: "<title>\(Self.title)</title>\n")
                scenario.atEnd { origin.stop() }
                let squid = try SquidPeer(folder: scenario.subfolder("squid"), passwords: Self.passwords)
                scenario.atEnd { squid.stop() }
                let bridges = try Ports.reserve(inARow: 3)
                let browsers = try Ports.reserve(inARow: 3)
                let daemon = try scenario.daemon(
                    Self.configuration(squid, bridges: bridges, browsers: browsers, folder: scenario.folder),
                    patience: .seconds(40)
                )
                try daemon.awaitReady()
                let tools = (0..<3).map { DevTools(port: browsers + UInt16($0)) }
                func visit(_ index: Int, _ path: String) throws -> String {
                    let url = "http://127.0.0.1:\(origin.port)/\(path)"
                    try tools[index].open(url, title: Self.title)
                    let users = squid.users(requesting: url)
                    #expect(users.count == 1, "\(url): \(users)")
                    return try #require(users.first)
                }
                let first = try (0..<3).map { try visit($0, "first\($0)") }
                #expect(Set(first).count == 3, "\(first)")
                let pids = try tools.map { try #require($0.process(below: daemon.pid)) }
                let listeners = try daemon.listeners

                kill(pids[1], SIGKILL)
                try Facts.wait(for: "another browser answers at the port", within: .seconds(20)) {
                    guard let pid = tools[1].process(below: daemon.pid) else { return false }
                    return pid != pids[1] && tools[1].answers
                }
                let second = try visit(1, "second1")
                #expect(!first.contains(second), "\(second) after \(first)")
                for index in [0, 2] {
                    #expect(tools[index].process(below: daemon.pid) == pids[index])
                    #expect(try visit(index, "second\(index)") == first[index])
                }
                #expect(try daemon.listeners == listeners, "the bridges' ports never close")
                #expect(daemon.zombies.isEmpty, "\(daemon.zombies)")
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(15)) == .exited(0))
                for index in 0..<3 {
                    #expect(try Ports.isFree(bridges + UInt16(index)) && Ports.isFree(browsers + UInt16(index)))
                }
            }
        }

        private static func configuration(
            _ squid: SquidPeer,
            bridges: UInt16,
            browsers: UInt16,
            folder: String
        ) -> ConfigurationText {
            let members = passwords.sorted { $0.key < $1.key }.map { user, password in
                "      - { url: \"http://127.0.0.1:\(squid.port)\", username: \(user), password: \"\(password)\" }"
            }
            let flags = [
                "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                "--disable-sync", "--disable-background-networking", "--disable-component-update",
                "--remote-debugging-port=${\(browsers) + instance}", "--user-data-dir=\(folder)/profile-${instance}",
                "--proxy-server=http://${service.bridge.address}", "--proxy-bypass-list=<-loopback>",
            ]
            return ConfigurationText(
                """
                  bridge:
                    type: proxy-bridge
                    instances: 3
                    listen: "127.0.0.1:${\(bridges) + instance}"
                    upstream: { pool: residential }
                    drain: 500ms
                  chrome:
                    type: process
                    instances: 3
                    requires: [bridge]
                    command: [chromium, \(flags.map { "\"\($0)\"" }.joined(separator: ", "))]
                    environment: { HOME: \(folder) }
                    ready: { http: "http://127.0.0.1:${\(browsers) + instance}/json/version" }
                """,
                pools: "  residential:\n    allocation: exclusive\n    members:\n" + members.joined(separator: "\n"),
                groups: "  browser: { strategy: one-for-all, children: [bridge, chrome] }"
            )
        }
    }
}
