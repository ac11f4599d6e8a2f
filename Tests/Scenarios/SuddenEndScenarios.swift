import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The daemon, its warden or a keeper is killed, and the daemon as the first process of a container.
    @Suite struct SuddenEnd {
        @Test func `within a second of a SIGKILL of the daemon nothing is left, and a new start binds at once`() throws
        {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let runaways = Runaway.allCases.map(\.rawValue).joined(separator: "\n")
                let script = try scenario.script("parent", "\(runaways)\nexec sleep 1000")
                let server = try scenario.python(
                    "server",
                    "listener = socket.socket(fileno=3)\nwhile True: listener.accept()[0].close()"
                )
                let configuration = ConfigurationText(
                    """
                      echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      parent: { type: process, command: \(script.command) }
                      server: { type: process, command: \(server.command), sockets: "127.0.0.1:\(ports[1])" }
                    """
                )
                let daemon = try scenario.readyDaemon(configuration)
                try server.awaitStart()
                try Facts.wait(for: "all runaways run") {
                    (FileText.readIfPresent(scenario.folder + "/left") ?? "").split(separator: "\n").count == 4
                }
                let pids = daemon.descendants.map(\.pid)
                #expect(pids.count >= 7, "\(daemon.descendants)")
                daemon.process.kill()
                try Facts.wait(for: "no descendant is left", within: .seconds(1)) {
                    !pids.contains(where: ProcessTable.isRunning)
                }
                let again = try scenario.readyDaemon(configuration)
                #expect(try again.stop() == .exited(0))
                for port in ports { #expect(try Ports.isFree(port)) }
            }
        }

        @Test func `a killed warden is replaced, and no service notices`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("program")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  program: { type: process, command: \(script.command), \(Self.soon) }")
                )
                let pid = try script.awaitStart()
                let warden = try #require(ProcessTree().children(of: daemon.pid).first { $0.command == "warden" })
                kill(warden.pid, SIGKILL)
                try Facts.wait(for: "the warden is gone") {
                    !ProcessTree().children(of: daemon.pid).contains { $0.pid == warden.pid }
                }
                #expect(script.running == [pid])
                try script.kill()
                try script.awaitStart(2)
                try Facts.wait(for: "only the second start runs") { script.running.count == 1 }
                try daemon.awaitNoZombies()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a killed keeper takes its program with it, and the program starts again`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("program", "\(Runaway.deafAndDoubleForked.rawValue)\nexec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  program: { type: process, command: \(script.command), \(Self.soon) }")
                )
                let pid = try script.awaitStart()
                let left = try #require(pid_t(script.note("left").dropLast()))
                let keeper = try #require(daemon.descendants.first { $0.pid == pid }?.parent)
                #expect(keeper != daemon.pid)
                kill(keeper, SIGKILL)
                try script.awaitStart(2)
                try Facts.wait(for: "the first program and what it left are gone") {
                    !ProcessTable.isRunning(pid) && !ProcessTable.isRunning(left)
                }
                try daemon.awaitNoZombies()
                #expect(script.running.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(.enabled(if: getuid() == 0, "only root can make a namespace of processes"))
        func `as the first process of a container the daemon reaps orphans and shuts down`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let script = try scenario.script("parent", "\(Runaway.doubleForked.rawValue)\nexec sleep 1000")
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(port)" }
                          parent: { type: process, command: \(script.command), \(Self.soon) }
                        """
                    ),
                    program: [
                        Command.program("unshare"), "--pid", "--fork", "--mount-proc", "--kill-child",
                        DaemonProcess.binary(),
                    ]
                )
                try daemon.awaitReady()
                let first = try #require(ProcessTree().children(of: daemon.pid).first).pid
                #expect(try ProcessTable.field("NSpid", of: first).hasSuffix(" 1"))
                let processes = ProcessTree().descendants(of: first).count
                for _ in 0..<10 {
                    // Its parent is outside, so that the orphan falls to the first process of the namespace.
                    let status = try ChildProcess.run(
                        Command(
                            Command.program("nsenter"),
                            ["--target", "\(first)", "--pid", "/bin/sh", "-c", "(sleep 0.05 &)"]
                        )
                    )
                    #expect(status == .exited(0))
                }
                try Facts.wait(for: "every orphan has been reaped") {
                    ProcessTree().descendants(of: first).count == processes
                }
                let client = try ClientSocket(to: port)
                try client.echo("hello")
                client.close()
                kill(first, SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(try Ports.isFree(port))
            }
        }

        private static let soon = "restart: { backoff: { initial: 10ms, max: 10ms } }"
    }
}
