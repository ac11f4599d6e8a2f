import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The daemon steered by the command: verdicts, orders, trials.
    @Suite struct Control {
        private static func echo(_ name: String, _ port: UInt16, _ more: String = "") -> String {
            "  \(name): { type: echo, listen: \"127.0.0.1:\(port)\"\(more) }"
        }

        private static func process(_ name: String, _ script: Script, _ more: String) -> String {
            "  \(name): { type: process, command: \(script.command), \(more) }"
        }

        @Test func `a reload says applied, unchanged or rejected, each with its exit code and as JSON`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", ports[0])))
                let unchanged = try daemon.command("reload")
                #expect(unchanged.code == 0 && unchanged.output.contains("unchanged"), "\(unchanged)")

                let two = Self.echo("a", ports[0]) + "\n" + Self.echo("b", ports[1])
                try daemon.configure(ConfigurationText(two))
                let planned = try daemon.command("plan", "--json")
                #expect(planned.code == 0 && planned.output.contains(#""step":"start""#), "\(planned)")
                let applied = try daemon.command("reload", "--json")
                #expect(applied.code == 0 && applied.output.contains(#""outcome":"applied""#), "\(applied)")

                try daemon.configure(text: "services: { a: { type: ecco } }\n")
                let wrong = try daemon.command("reload")
                #expect(wrong.code == 65, "\(wrong)")
                #expect((wrong.output + wrong.errors).contains("services.yaml:1:24: cannot"), "\(wrong)")

                let foreign = try ForeignListener(port: ports[2], folder: daemon.folder)
                scenario.atEnd { foreign.release() }
                try daemon.configure(ConfigurationText(two + "\n" + Self.echo("c", ports[2])))
                let taken = try daemon.command("reload")
                #expect(taken.code == 69, "\(taken)")
                #expect((taken.output + taken.errors).contains("pid \(foreign.pid)"), "\(taken)")

                try daemon.configure(
                    ConfigurationText(two + "\n  p: { type: process, command: [/nonexistent/program] }")
                )
                let missing = try daemon.command("reload", "--json")
                #expect(missing.code == 69 && missing.output.contains(#""kind":"preparation""#), "\(missing)")
                #expect(try daemon.listeners(at: ports[1]).count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a reload that comes while another one stages is told so at once`() throws {
            try Scenario.run { scenario in
                let silent = try LoopbackServer { _ = try $0.receiveToEnd() }
                scenario.atEnd { silent.stop() }
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", port)))
                let bridge = """
                      bridge:
                        type: proxy-bridge
                        listen: 127.0.0.1:0
                        upstream: { url: "http://127.0.0.1:\(silent.port)", username: u, password: p }
                        probe: { timeout: 4s }
                    """
                try daemon.configure(ConfigurationText(Self.echo("a", port) + "\n" + bridge))
                let first = try daemon.begin("reload")
                try Facts.wait(for: "the status tells of the load") {
                    try daemon.command("status", "--json").output.contains(#""phase":"probing""#)
                }
                let second = try daemon.command("reload")
                #expect(second.code == 75, "\(second)")
                let end = try first.result(within: .seconds(15))
                #expect(end.code == 0, "\(end)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `what a load has started is in the way of no other load`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", port)))
                let steady = try scenario.steadyEcho(port: port)
                let silent = try scenario.script("silent", "exec tail -f /dev/null")
                let text = Self.echo("a", port) + "\n" + Self.process("slow", silent, "ready: notify")
                try daemon.configure(ConfigurationText(text))
                let waiting = try daemon.begin("reload")
                try Facts.wait(for: "the status tells of the load") {
                    try daemon.command("status", "--json").output.contains(#""phase":"settling""#)
                }
                let stopped = try daemon.command("stop", "slow")
                #expect(stopped.code == 0, "\(stopped)")
                let end = try waiting.result(within: .seconds(15))
                #expect(end.output.contains("1 of 2 services ready"), "\(end)")
                #expect(try daemon.command("restart", "a").code == 0)
                try steady.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `what ran before is tried again until it runs`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let text = Self.echo("a", ports[0])
                let daemon = try scenario.readyDaemon(ConfigurationText(text + "\n" + Self.echo("b", ports[1])))
                let steady = try scenario.steadyEcho(port: ports[0])
                let program = try scenario.sleeper("program")
                try daemon.configure(ConfigurationText(text + "\n" + Self.process("p", program, "restart: never")))
                #expect(try daemon.command("reload").code == 0)
                let foreign = try ForeignListener(port: ports[1], folder: daemon.folder)
                scenario.atEnd { foreign.release() }
                try program.kill()
                try daemon.awaitLog(containing: "cannot go back from generation 2")
                let status = try daemon.command("status")
                #expect(status.output.contains("failed its trial: `p` gave up"), "\(status)")
                foreign.release()
                try Facts.wait(for: "what ran before runs again") { try daemon.listeners(at: ports[1]).count == 1 }
                try daemon.awaitLog(containing: "reverted")
                try steady.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a generation whose service gives up is reverted by itself, and nothing that served is lost`() throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", port)))
                let steady = try scenario.steadyEcho(port: port)
                let broken = try scenario.script("broken", "exit 3")
                try daemon.configure(
                    ConfigurationText(
                        Self.echo("a", port) + "\n" + Self.process("p", broken, "restart: never, ready: notify")
                    )
                )
                let verdict = try daemon.command("reload", "--json")
                #expect(verdict.code == 70 && verdict.output.contains(#""outcome":"reverted""#), "\(verdict)")
                #expect(verdict.output.contains("exit code 3"), "\(verdict)")
                let status = try daemon.command("status", "--json")
                #expect(!status.output.contains(#""name":"p""#), "\(status.output)")
                try steady.stop()
                try daemon.awaitLog(containing: "reverted")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a reload that nobody confirms is reverted, and one that is confirmed stays`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", ports[0])))
                let two = Self.echo("a", ports[0]) + "\n" + Self.echo("b", ports[1])
                try daemon.configure(ConfigurationText(two))
                let tried = try daemon.command("reload", "--confirm", "1s")
                #expect(tried.code == 0 && tried.output.contains("confirm"), "\(tried)")
                try Facts.wait(for: "what ran before runs again") { try daemon.listeners(at: ports[1]).isEmpty }
                try daemon.awaitLog(containing: "nobody confirmed it within 1s")
                let late = try daemon.command("confirm")
                #expect(late.code != 0 && late.errors.contains("cannot confirm"), "\(late)")

                #expect(try daemon.command("reload", "--confirm", "60s").code == 0)
                let confirmed = try daemon.command("confirm")
                #expect(confirmed.code == 0, "\(confirmed)")
                #expect(try daemon.listeners(at: ports[1]).count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an order for another service neither confirms a generation nor saves it`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let other = "\n" + Self.echo("other", ports[1])
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", ports[0]) + other))
                try daemon.configure(ConfigurationText(Self.echo("a", ports[0], ", max_connections: 77") + other))
                #expect(try daemon.command("reload", "--confirm", "3s").code == 0)
                #expect(try daemon.command("restart", "other").code == 0)
                #expect(try daemon.command("status", "--json").output.contains(#""connection_limit":77"#))
                try daemon.awaitLog(containing: "nobody confirmed it within 3s")
                try Facts.wait(for: "the limit is what it was") {
                    try !daemon.command("status", "--json").output.contains(#""connection_limit":77"#)
                }

                let program = try scenario.sleeper("program")
                let more = "\n" + Self.process("p", program, "restart: never")
                try daemon.configure(ConfigurationText(Self.echo("a", ports[0]) + other + more))
                #expect(try daemon.command("reload").code == 0)
                try program.awaitStart()
                #expect(try daemon.command("restart", "other").code == 0)
                try program.kill()
                try daemon.awaitLog(containing: "`p` gave up")
                try Facts.wait(for: "what ran before runs again") {
                    try !daemon.command("status", "--json").output.contains(#""name":"p""#)
                }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a service stops, starts and restarts by order, with what requires it`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let sleeper = try scenario.sleeper("sleeper")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(Self.echo("a", port) + "\n" + Self.process("p", sleeper, "requires: [a]"))
                )
                let pid = try #require(sleeper.starts.last)
                let stopped = try daemon.command("stop", "a")
                #expect(stopped.code == 0, "\(stopped)")
                #expect(kill(pid, 0) != 0, "the answer comes when all of it has ended")
                #expect(try daemon.listeners(at: port).isEmpty)
                #expect(try daemon.reload().contains("unchanged"), "a reload leaves it stopped")
                #expect(try daemon.command("status").output.contains("stopped"))

                #expect(try daemon.command("start", "p").code == 0)
                #expect(sleeper.starts.count == 2)
                try ClientSocket(to: port).echo("again")
                let before = try daemon.listeners(at: port)
                #expect(try daemon.command("restart", "a").code == 0)
                #expect(try daemon.listeners(at: port) == before, "a restart keeps the address open")
                #expect(try daemon.command("restart", "p").code == 0)
                #expect(sleeper.starts.count == 3)

                let unknown = try daemon.command("stop", "nobody")
                #expect(unknown.code != 0 && unknown.errors.contains("nobody"), "\(unknown)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `status, connections and events answer while the daemon drains`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", port), drain: "20s"))
                let client = try ClientSocket(to: port)
                try client.echo("hello")
                let steady = try scenario.steadyEcho(port: port)
                let follower = try daemon.begin("events", "--follow")
                try Facts.wait(for: "the follower has heard something") { follower.output.contains("ready") }
                let list = try daemon.command("connections", "--json")
                #expect(list.code == 0 && list.output.contains(#""received":5"#), "\(list)")
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                let status = try daemon.command("status", "--json")
                #expect(status.code == 0 && status.output.contains(#""state":"draining""#), "\(status)")
                try steady.stop()
                client.close()
                #expect(try daemon.awaitExit() == .exited(0))
                let end = try follower.result(within: .seconds(5))
                #expect(end.output.contains("draining"), "\(end)")
                let gone = try daemon.command("status")
                #expect(gone.code == 76, "\(gone)")
                #expect(gone.errors.split(separator: "\n").count == 1, "one line: \(gone.errors)")
            }
        }

        @Test func `two hundred commands at a time are answered`() throws {
            try Scenario.run { scenario in
                let daemon = try scenario.readyDaemon(ConfigurationText(Self.echo("a", try Ports.reserve())))
                let descriptors = daemon.descriptors.count
                let commands = try (0..<200).map { _ in try daemon.begin("status", "--json") }
                for command in commands {
                    let result = try command.result(within: .seconds(60))
                    #expect(result.code == 0, "\(result.errors)")
                }
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
