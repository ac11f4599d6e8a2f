import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The listening sockets outlive the daemon: whoever connects meanwhile waits, and nobody is refused.
    @Suite struct Handover {
        @Test func `a daemon that is restarted by a manager with a store refuses no connection`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let path = scenario.folder + "/echo.sock"
                let tcp = "127.0.0.1:\(ports[0])"
                let first = """
                      one: { type: echo, listen: ["\(tcp)", "udp:\(tcp)", "unix:\(path)"] }
                      two: { type: echo, listen: "127.0.0.1:\(ports[1])" }
                      any: { type: echo, listen: "127.0.0.1:0" }
                    """
                let last = "  other: { type: echo, listen: [\"127.0.0.1:\(ports[0])\", \"unix:\(path)\"] }"
                try FileText.write(ConfigurationText(first).text, to: scenario.folder + "/services.yaml")
                try FileText.write(ConfigurationText(last).text, to: scenario.folder + "/next.yaml")
                let manager = ServiceManager(folder: scenario.folder)
                let report = try manager.run(
                    """
                    start load 127.0.0.1:\(ports[0]) load \(path) count 200 term start count 200 kill start count 200 \
                    configure next.yaml term start count 200 rest term
                    """
                )
                #expect(report["failed"] == 0, "\(manager.log.suffix(3000))")
                #expect(report["connects"] >= 800)
                #expect(report["stored"] == 3, "the two of the last configuration and the control socket")
                #expect(report["removed"] == 2, "those that it does not want")
                #expect(try Ports.isFree(ports[1]))
            }
        }

        @Test
        func `another process takes over without a refused connection, and starts programs when the old ones ended`()
            throws
        {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                // Only one process at a time can have this port, and whoever cannot have it fails.
                let program = try scenario.python(
                    "holder",
                    """
                    server = socket.socket()
                    server.bind(("127.0.0.1", \(ports[1])))
                    server.listen()
                    signal.pause()
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                          holder: { type: process, command: \(program.command) }
                        """
                    )
                )
                try program.awaitStart()
                let old = try ClientSocket(to: ports[0])
                try old.echo("before")
                let load = try scenario.load(ports: [ports[0]])
                try load.waitForExchanges(50, at: [ports[0]])
                daemon.send(SIGUSR2)
                #expect(try daemon.awaitExit() == .exited(0))
                let successor = try Self.pid(of: daemon)
                #expect(successor != daemon.pid)
                let second = try program.awaitStart(2)
                try load.waitForExchanges(load.result.succeeded(at: ports[0]) + 50, at: [ports[0]])
                let result = load.stop()
                #expect(result.failed == 0, "\(result)")
                old.close()
                #expect(program.running == [second])
                #expect(daemon.lines(containing: "crashed").isEmpty)
                #expect(daemon.notifications.contains { $0.value("MAINPID") == "\(successor)" })
                #expect(daemon.notifications.filter(\.isStopping).isEmpty)
                try Self.end(successor)
                #expect(program.running.isEmpty)
            }
        }

        @Test func `a process that cannot take over leaves the old one as it was`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let path = scenario.folder + "/echo.sock"
                let listen = "[\"127.0.0.1:\(port)\", \"unix:\(path)\"]"
                let configuration = ConfigurationText("  echo: { type: echo, listen: \(listen) }")
                let daemon = try scenario.readyDaemon(configuration)
                let client = try ClientSocket(to: port)
                let listeners = try daemon.listeners
                try daemon.configure(text: "services: { echo: { type: ecco } }\n")
                daemon.send(SIGUSR2)
                try daemon.awaitLine(containing: "cannot hand over", "this one goes on")
                #expect(daemon.lines(containing: "services.yaml:1:27: cannot").count == 1)
                try client.echo("still")
                #expect(try daemon.listeners == listeners)
                #expect(access(path, F_OK) == 0, "its file is still there")
                #expect(try daemon.command("status").code == 0)
                #expect(try daemon.status(of: "echo").contains("ready"))
                try daemon.configure(configuration)
                daemon.send(SIGUSR2)
                #expect(try daemon.awaitExit() == .exited(0))
                client.close()
                try Self.end(Self.pid(of: daemon))
            }
        }

        @Test func `a daemon that is shut down while another one is about to take over ends both`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                // Nobody answers there, so the other one is at its probe for seconds.
                let silent = try LoopbackServer { client in _ = try client.receiveToEnd() }
                scenario.atEnd { silent.stop() }
                let bridge = """
                      bridge:
                        type: proxy-bridge
                        listen: "127.0.0.1:\(port)"
                        upstream: { url: "http://127.0.0.1:\(silent.port)", username: a, password: b }
                        probe: { mode: auth, timeout: 60s, on_fail: warn }
                    """
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:0\" }")
                )
                try daemon.configure(ConfigurationText(bridge))
                daemon.send(SIGUSR2)
                try daemon.awaitLine(containing: "another process is to take over")
                try Facts.wait(for: "the other process asks its upstream") { silent.accepted > 0 }
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit() == .exited(0))
                // That no process is left is what every scenario ends with.
                try Facts.wait(for: "the other process has ended") { try Ports.isFree(port) }
            }
        }

        @Test func `process 1 is not replaced`() throws {
            try Scenario.run { scenario in
                let daemon = try scenario.daemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:0\" }"),
                    program: ["unshare", "--pid", "--fork", "--kill-child", DaemonProcess.binary()]
                )
                try daemon.awaitReady()
                let init1 = try #require(daemon.descendants.first { $0.command.contains("supervisor") })
                kill(init1.pid, SIGUSR2)
                try daemon.awaitLine(containing: "cannot replace process 1")
                #expect(try daemon.command("status").code == 0)
                #expect(daemon.lines(containing: "cannot hand over").isEmpty, "the reason is told once")
                kill(init1.pid, SIGTERM)
                #expect(try daemon.awaitExit() == .exited(0))
            }
        }

        /// The process that answers now.
        private static func pid(of daemon: DaemonProcess) throws -> Int32 {
            var pid: Int32?
            try Facts.wait(for: "another process answers") {
                let answer = try daemon.command("status", "--json")
                let number = answer.output.firstMatch(of: /"pid": ?([0-9]+)/)?.1
                pid = number.flatMap { Int32($0) }
                return answer.code == 0 && pid != nil && pid != daemon.pid
            }
            return try #require(pid)
        }

        private static func end(_ pid: Int32) throws {
            kill(pid, SIGTERM)
            try Facts.wait(for: "process \(pid) has ended") { !ProcessTable.isRunning(pid) }
        }
    }
}
