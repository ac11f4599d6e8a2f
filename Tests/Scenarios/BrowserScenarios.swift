import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The launcher of browsers: real Chromium behind bridges, behind a squid that wants a password.
    @Suite struct Browsers {
        private static let title = "page of the origin"
        /// Only squid knows this name: a browser that went around its bridge would not find it.
        private static let host = "origin.test"

        @Test
        func `a killed browser comes back behind a new bridge and another upstream, and the others are not touched`()
            throws
        {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin(body: "<title>\(Self.title)</title>\n")
                scenario.atEnd { origin.stop() }
                let squid = try Self.squid(in: scenario)
                let (bridges, browsers) = try (Ports.reserve(inARow: 3), Ports.reserve(inARow: 3))
                let daemon = try scenario.daemon(
                    text: Self.example(bridges: bridges, browsers: browsers),
                    environment: try Self.environment(squid, folder: scenario.folder),
                    patience: .seconds(40)
                )
                try daemon.awaitReady()
                let tools = (0..<3).map { DevTools(port: browsers + UInt16($0)) }
                func visit(_ index: Int, _ path: String) throws -> String {
                    let url = "http://\(Self.host):\(origin.port)/\(path)"
                    try tools[index].open(url, title: Self.title)
                    let users = try squid.users(requesting: url)
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
                #expect(try daemon.listeners == listeners, "the ports of the bridges never close")
                try daemon.awaitNoZombies()
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(15)) == .exited(0))
                for port in [bridges, browsers].flatMap({ [$0, $0 + 1, $0 + 2] }) {
                    #expect(try ConnectFailure.isRefused(port: port))
                }
            }
        }

        private static func squid(in scenario: Scenario) throws -> SquidPeer {
            let users = (1...4).map { "\(Canary.user)-session-\($0)" }
            let squid = try SquidPeer(
                folder: scenario.subfolder("squid"),
                passwords: Dictionary(uniqueKeysWithValues: users.map { ($0, Canary.specialPassword) }),
                hosts: "127.0.0.1 \(host)\n"
            )
            scenario.atEnd { squid.stop() }
            return squid
        }

        /// The example of the project on ports that are free here.
        private static func example(bridges: UInt16, browsers: UInt16) throws -> String {
            let text = try Examples.named("browsers.yaml", from: #filePath)
            try #require(text.contains("${8888 + instance}") && text.contains("${9222 + instance}"))
            return text.replacing("${8888 +", with: "${\(bridges) +").replacing("${9222 +", with: "${\(browsers) +")
        }

        private static func environment(_ squid: SquidPeer, folder: String) throws -> [String: String] {
            // What Chromium needs in a container, as root or with little shared memory.
            let wrapper = folder + "/chromium"
            let flags =
                "--no-sandbox --disable-dev-shm-usage --disable-background-networking --disable-component-update"
            try FileText.write("#!/bin/sh\nexec \(try Command.program("chromium")) \(flags) \"$@\"\n", to: wrapper)
            chmod(wrapper, 0o755)
            return [
                "CHROMIUM": wrapper, "PROFILES": folder, "HOME": folder, "PROXY_URL": "http://127.0.0.1:\(squid.port)",
                "PROXY_USER": Canary.user, "PROXY_PASSWORD": Canary.specialPassword,
            ]
        }
    }
}
