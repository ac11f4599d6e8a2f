import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Reload {
        @Test func `a replaced service drains its open connection while the new one already serves`() throws {
            try Scenario.run { scenario in
                let peers = try [LoopbackServer.upperCaseEcho(), LoopbackServer.sameCaseEcho()]
                for peer in peers { scenario.atEnd { peer.stop() } }
                let port = try Ports.reserve()
                func configuration(_ peer: LoopbackServer) -> ConfigurationText {
                    ConfigurationText(
                        "  web: { type: forward, listen: \"127.0.0.1:\(port)\", to: \"127.0.0.1:\(peer.port)\" }",
                        drain: "20s"
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(peers[0]))
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let old = try ClientSocket(to: port)
                try old.send("old")
                #expect(try old.receive(exactly: 3) == Array("OLD".utf8))

                let verdict = try daemon.reload(configuration(peers[1]))
                #expect(verdict.hasPrefix("generation 2: reload applied"), "\(verdict)")
                let new = try ClientSocket(to: port)
                try new.echo("new")
                try old.send("still")
                #expect(try old.receive(exactly: 5) == Array("STILL".utf8))
                #expect(try daemon.listeners == listeners)
                old.close()
                new.close()
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a removed service closes its listener, finishes its connections, and the others go on`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let kept = "  kept: { type: echo, listen: \"127.0.0.1:\(ports[0])\" }"
                let both = kept + "\n  gone: { type: echo, listen: \"127.0.0.1:\(ports[1])\" }"
                let daemon = try scenario.readyDaemon(ConfigurationText(both, drain: "20s"))
                let echo = try scenario.steadyEcho(port: ports[0])
                let open = try ClientSocket(to: ports[1])
                try open.echo("before")
                let descriptors = daemon.descriptors.count

                let verdict = try daemon.reload(ConfigurationText(kept, drain: "20s"))
                #expect(verdict.contains("reload applied"), "\(verdict)")
                try Facts.wait(for: "the listener is closed") { try daemon.listeners(at: ports[1]).isEmpty }
                #expect(try ConnectFailure.isRefused(port: ports[1]))
                try open.echo("after")
                daemon.send(SIGUSR1)
                try Facts.wait(for: "the status counts the connection of the draining service") {
                    daemon.log.split(separator: "\n").contains {
                        $0.contains("status gone draining") && $0.contains("connections 1,")
                    }
                }
                open.close()
                try daemon.awaitLog(containing: "stopped service=gone connections=1 finished=1 forced=0")
                try Facts.wait(for: "the listener and the connection are closed") {
                    daemon.descriptors.count <= descriptors - 2
                }
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a reload binds anew the sockets whose files somebody has removed`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let path = scenario.folder + "/echo.sock"
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "unix:\(path)" }
                          web: { type: forward, listen: "127.0.0.1:\(port)", to: "unix:\(path)" }
                        """
                    )
                )
                let first = try ClientSocket(to: port)
                try first.echo("before")
                let line = try #require(daemon.lines(containing: "listening", "service=@control").first)
                let socket = try #require(line.split(separator: "=unix:").last)
                #expect(unlink(String(socket)) == 0 && unlink(path) == 0)
                #expect(try daemon.command("status").code != 0)
                let verdict = try daemon.reload()
                #expect(verdict.contains("reload applied"), "\(verdict)")
                #expect(daemon.lines(containing: "was removed; binding it anew").count == 2)
                let second = try ClientSocket(to: port)
                try second.echo("after")
                try first.echo("the first goes on")
                #expect(try daemon.command("status").code == 0)
                first.close()
                second.close()
                #expect(try daemon.reload().contains("unchanged"))
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `unix sockets serve, survive a reload and are removed at the end`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let path = scenario.folder + "/echo.sock"
                func configuration(_ limit: Int) -> ConfigurationText {
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "unix:\(path)" }
                          web: { type: forward, listen: "127.0.0.1:\(port)", to: "unix:\(path)",
                                 max_connections: \(limit) }
                        """
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(100))
                let first = try ClientSocket(to: port)
                try first.echo("through a unix socket")
                let verdict = try daemon.reload(configuration(200))
                #expect(verdict.contains("reload applied"), "\(verdict)")
                let second = try ClientSocket(to: port)
                try second.echo("after the reload")
                try first.echo("the first goes on")
                first.close()
                second.close()
                #expect(try daemon.stop() == .exited(0))
                #expect(!FileText.names(in: scenario.folder).contains("echo.sock"))
            }
        }
    }
}
