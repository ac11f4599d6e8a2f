import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Readiness {
        @Test(arguments: ReadinessCase.all)
        func `who requires a program starts when its fact is there, and is not touched by its restart`(
            row: ReadinessCase
        ) throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let base = try scenario.python("base", row.program(port: ports[0]))
                let top = try scenario.sleeper("top")
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          base:
                            type: process
                            command: \(base.command)
                            ready: \(row.key(port: ports[0]))
                            restart: { backoff: { initial: 10ms, max: 10ms } }
                          top: { type: process, command: \(top.command), requires: [base] }
                          echo: { type: echo, listen: "127.0.0.1:\(ports[1])", requires: [base] }
                        """
                    )
                )
                try base.awaitStart()
                // That something does not happen shows only in time.
                Facts.pace(milliseconds: 400)
                #expect(top.starts.isEmpty)
                #expect(!daemon.notifications.contains { $0.isReady })
                try base.raise("go")
                try daemon.awaitReady()
                let pid = try top.awaitStart()
                let client = try ClientSocket(to: ports[1])
                try client.echo("before")

                try base.kill()
                try base.awaitStart(2)
                try daemon.awaitStatus(of: "base", containing: " ready ")
                #expect(top.starts == [pid] && top.running == [pid])
                try client.echo("after")
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test
        func `a program that does not become ready in its time is killed with all its processes and starts again`()
            throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let script = try scenario.script("slow", "setsid env -i sleep 1000 &\nexec sleep 1000")
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          slow:
                            type: process
                            command: \(script.command)
                            ready: { tcp: "127.0.0.1:\(port)", timeout: 300ms }
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 2 }
                        """
                    )
                )
                #expect(try daemon.awaitExit(within: .seconds(10)) == .exited(70))
                #expect(script.starts.count == 3)
                #expect(!daemon.notifications.contains { $0.status?.hasPrefix("generation 1: 1 ") == true })
                #expect(!daemon.lines(containing: "slow", "ready").isEmpty, "\(daemon.log)")
            }
        }

        @Test func `a start is announced when what failed at first has become ready`() throws {
            try Scenario.run { scenario in
                let mark = scenario.folder + "/mark"
                let script = try scenario.script(
                    "late",
                    "[ -e \(mark) ] || { touch \(mark); exit 1; }\necho up\nexec sleep 1000"
                )
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          late:
                            type: process
                            command: \(script.command)
                            ready: { log: "up" }
                            restart: { backoff: { initial: 100ms } }
                        """
                    )
                )
                #expect(try daemon.awaitReady().status == "generation 1: 1 service ready")
                #expect(script.starts.count == 2)
                try daemon.awaitLine(containing: "ready: 1 service ready", "generation=1")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that has done its work does not hold up the start`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("job", "exit 0")
                let daemon = try scenario.daemon(
                    ConfigurationText("  job: { type: process, command: \(script.command), ready: { log: never } }")
                )
                #expect(try daemon.awaitReady().status == "generation 1: 1 service ready")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a start that waits for readiness can be shut down`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("hanging")
                let daemon = try scenario.daemon(
                    ConfigurationText("  hanging: { type: process, command: \(script.command), ready: notify }")
                )
                try script.awaitStart()
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(!daemon.notifications.contains { $0.isReady })
            }
        }

        @Test func `a stranger's READY is not the program's`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("silent", "echo \"$NOTIFY_SOCKET\" > address\nexec sleep 1000")
                let daemon = try scenario.daemon(
                    ConfigurationText("  silent: { type: process, command: \(script.command), ready: notify }")
                )
                let address = try script.note("address").dropLast()
                try script.awaitStart()
                let stranger = """
                    import socket
                    path = "\(address)"
                    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    manager.sendto(b"READY=1", "\\0" + path[1:] if path.startswith("@") else path)
                    """
                let sent = try ChildProcess.run(Command(Command.program("python3"), ["-c", stranger]))
                #expect(sent == .exited(0))
                Facts.pace(milliseconds: 300)
                #expect(!daemon.notifications.contains { $0.isReady })
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
