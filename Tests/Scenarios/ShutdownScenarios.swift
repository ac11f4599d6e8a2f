import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Stop accepting, let the open ones finish, name whoever had to be forced.
    @Suite struct Shutdown {
        @Test(arguments: [SIGTERM, SIGINT])
        func `the listener closes first and the open connections finish within the drain`(signal: Int32) throws {
            try Scenario.run { scenario in
                let released = Gate()
                let peer = try LoopbackServer.late(released)
                scenario.atEnd { peer.stop() }
                scenario.atEnd { released.open() }
                let ports = try Ports.reserve(2)
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                          web: { type: forward, listen: "127.0.0.1:\(ports[1])", to: "127.0.0.1:\(peer.port)" }
                        """,
                        drain: "20s"
                    )
                )
                let open = try ClientSocket(to: ports[0])
                try open.echo("open")
                let idle = try ClientSocket(to: ports[0])
                try idle.echo("idle")
                let halfClosed = try ClientSocket(to: ports[1])
                try halfClosed.send("half")
                halfClosed.endSending()
                try Facts.wait(for: "the forward has reached its peer") { peer.accepted == 1 }

                daemon.send(signal)
                try daemon.awaitStopping()
                try daemon.awaitListenersClosed()
                for port in ports { #expect(try ConnectFailure.isRefused(port: port)) }
                for index in 0..<50 { try open.echo("still open \(index)") }
                released.open()
                #expect(String(decoding: try halfClosed.receiveToEnd(), as: UTF8.self) == "half late")
                open.endSending()
                #expect(try open.receiveToEnd().isEmpty)
                idle.close()
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(daemon.log.contains("stopped service=echo connections=2 finished=2 forced=0"), "\(daemon.log)")
                #expect(daemon.log.contains("stopped service=web connections=1 finished=1 forced=0"), "\(daemon.log)")
                #expect(!daemon.log.contains("forced connection"), "\(daemon.log)")
            }
        }

        @Test func `a client that never reads is forced and named, the others finish, and the exit code is 1`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }", drain: "2s")
                )
                let stuck = try ClientSocket(to: port, receiveBuffer: 4096)
                try Self.fillUp(stuck)
                let open = try ClientSocket(to: port)
                try open.echo("open")

                daemon.send(SIGTERM)
                try daemon.awaitListenersClosed()
                #expect(try ConnectFailure.isRefused(port: port))
                try open.echo("still open")
                open.close()
                #expect(try daemon.awaitExit(within: .seconds(6)) == .exited(1))
                let forced = daemon.log.split(separator: "\n").filter { $0.contains("forced connection") }
                #expect(forced.count == 1, "\(daemon.log)")
                let client = "client=127.0.0.1:\(try stuck.localPort)"
                for part in ["service=echo", " id=", client, " age=", " unsent="] {
                    #expect(forced.first?.contains(part) == true, "\(part): \(daemon.log)")
                }
                #expect(daemon.log.contains("stopped service=echo connections=2 finished=1 forced=1"), "\(daemon.log)")
            }
        }

        @Test func `an echo that is busy goes on for the whole drain, and is named when it is cut`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }", drain: "3s")
                )
                let begin = ContinuousClock.now
                let echo = try scenario.steadyEcho(port: port)
                try Facts.wait(for: "the connection is older than the second of quiet that ends it") {
                    begin.duration(to: .now) > .milliseconds(1_100)
                }
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                try echo.awaitProgress(500)
                #expect(try daemon.awaitExit() == .exited(1))
                try daemon.awaitLine(containing: "stopped", "service=echo", "connections=1 finished=0 forced=1")
            }
        }

        @Test func `a second SIGTERM ends at once`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }", drain: "60s")
                )
                let open = try ClientSocket(to: port)
                try open.echo("open")
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                try daemon.awaitListenersClosed()
                #expect(try ConnectFailure.isRefused(port: port))
                try open.echo("still open")
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(3)) == .exited(1))
                let forced = daemon.log.split(separator: "\n").filter { $0.contains("forced connection") }
                #expect(forced.count == 1, "\(daemon.log)")
                for part in ["service=echo", "client=127.0.0.1:\(try open.localPort)"] {
                    #expect(forced.first?.contains(part) == true, "\(part): \(daemon.log)")
                }
            }
        }

        @Test func `a drain of no time with nothing to cut is a clean shutdown`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve(1)[0]
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }", drain: "0s")
                )
                #expect(try daemon.stop() == .exited(0))
                #expect(daemon.log.contains("shut down"), "\(daemon.log)")
            }
        }

        @Test func `a thousand addresses that move to the wildcard hold up nothing`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(1_000)
                func text(_ host: String) -> ConfigurationText {
                    let lines = ports.enumerated().map { "  e\($0): { type: echo, listen: \"\(host):\($1)\" }" }
                    return ConfigurationText(lines.joined(separator: "\n"))
                }
                let daemon = try scenario.readyDaemon(text("127.0.0.1"))
                #expect(try daemon.reload(text("0.0.0.0")).contains("1000 restart"))
                for port in ports { try ClientSocket(to: port).echo("served") }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the services stop in the reverse of the order that they require`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          last: { type: echo, listen: "127.0.0.1:\(ports[0])", requires: [middle] }
                          middle: { type: echo, listen: "127.0.0.1:\(ports[1])", requires: [first] }
                          first: { type: echo, listen: "127.0.0.1:\(ports[2])" }
                        """
                    )
                )
                #expect(try daemon.stop() == .exited(0))
                let order = daemon.log.matches(of: /stopped service=([a-z]+)/).map { String($0.output.1) }
                #expect(order == ["last", "middle", "first"], "\(daemon.log)")
            }
        }

        /// Sends until both sides' buffers are full: the daemon then waits for a reader that never comes.
        private static func fillUp(_ client: ClientSocket) throws {
            var total = 0
            var quiet = 0
            try Facts.wait(for: "the buffers are full") {
                let count = client.fill(upTo: 256 * 1024 * 1024)
                total += count
                quiet = count == 0 ? quiet + 1 : 0
                return total > 0 && quiet > 40
            }
        }
    }
}
