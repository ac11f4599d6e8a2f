import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The daemon as a good guest: the first process of a container, without a file that it can write, as any user.
    @Suite(.enabled(if: getuid() == 0, "only root can make namespaces of processes and mounts"))
    struct Guest {
        @Test func `as the first process it reaps a thousand orphans, and keeps its own programs`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("program")
                let daemon = try scenario.daemon(
                    ConfigurationText("  program: { type: process, command: \(script.command) }"),
                    program: Self.container + [DaemonProcess.binary()]
                )
                try daemon.awaitReady()
                let first = try Self.firstProcess(of: daemon)
                let own = Set(ProcessTree().descendants(of: first).map(\.pid))
                let (list, gate) = (scenario.folder + "/orphans", scenario.folder + "/gate")
                #expect(mkfifo(gate, 0o600) == 0)
                // Their parent comes from outside, so that they fall to the first process of the namespace; each waits
                // for somebody to open the gate.
                let status = try ChildProcess.run(
                    Command(
                        Command.program("nsenter"),
                        [
                            "--target", "\(first)", "--pid", "/bin/sh", "-c",
                            "i=0; while [ $i -lt 1000 ]; do (: <\"$1\" & echo $!); i=$((i + 1)); done", "sh", gate,
                        ],
                        outputPath: list
                    ),
                    within: .seconds(60)
                )
                #expect(status == .exited(0))
                #expect(Set(try FileText.read(list).split(separator: "\n")).count == 1_000)
                let orphans = ProcessTree().children(of: first).filter { !own.contains($0.pid) }
                #expect(orphans.count == 1_000, "all of them live, and below the first process")
                let writer = open(gate, O_RDWR | O_CLOEXEC)
                defer { close(writer) }
                try Facts.wait(for: "every orphan has been reaped", within: .seconds(30)) {
                    Set(ProcessTree().descendants(of: first).map(\.pid)) == own
                }
                #expect(script.starts.count == 1)
                kill(first, SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(10)) == .exited(0))
            }
        }

        @Test func `at SIGTERM it is not ready first, accepts for the delay, drains, and ends in its grace`() throws {
            try Scenario.run { scenario in
                let released = Gate()
                let peer = try LoopbackServer.late(released)
                scenario.atEnd { peer.stop() }
                scenario.atEnd { released.open() }
                let (port, status) = (try Ports.reserve(), try Ports.reserve())
                let daemon = try scenario.daemon(
                    text: """
                        status: { listen: "127.0.0.1:\(status)" }
                        shutdown: { delay: 3s, drain: 20s }
                        services:
                          web: { type: forward, listen: "127.0.0.1:\(port)", to: "127.0.0.1:\(peer.port)", drain: 20s }

                        """,
                    program: Self.container + [DaemonProcess.binary()]
                )
                try daemon.awaitReady()
                let first = try Self.firstProcess(of: daemon)
                #expect(try Self.ask("/readyz", at: status) == 200)
                let before = try ClientSocket(to: port)
                try before.send("before")
                before.endSending()

                let asked = ContinuousClock.now
                kill(first, SIGTERM)
                try Facts.wait(for: "it is not ready any more", within: .seconds(2)) {
                    try Self.ask("/readyz", at: status) == 503
                }
                // Whoever has not heard of it yet is still served.
                let after = try ClientSocket(to: port)
                try after.send("after")
                after.endSending()
                try Facts.wait(for: "both have reached the peer", within: .seconds(2)) { peer.accepted == 2 }
                #expect(try Self.ask("/livez", at: status) == 200)
                #expect(ContinuousClock.now - asked < .seconds(3), "all of that was within the delay")

                try Facts.wait(for: "it accepts no more after the delay") {
                    try ProcessTable.listeners(of: first).allSatisfy { $0.port != port }
                }
                #expect(ContinuousClock.now - asked >= .seconds(3))
                #expect(try ConnectFailure.isRefused(port: port))
                released.open()
                for (client, text) in [(before, "before late"), (after, "after late")] {
                    #expect(String(decoding: try client.receiveToEnd(), as: UTF8.self) == text)
                }
                #expect(try daemon.awaitExit(within: .seconds(10)) == .exited(0))
                #expect(daemon.log.contains("stopped service=web connections=2 finished=2 forced=0"), "\(daemon.log)")
            }
        }

        @Test func `it needs no file that it can write, no capability and no name for its user`() throws {
            try Scenario.run { scenario in
                let (port, status) = (try Ports.reserve(), try Ports.reserve())
                let daemon = try scenario.daemon(
                    text: """
                        log: { format: json }
                        status: { listen: "127.0.0.1:\(status)" }
                        services: { echo: { type: echo, listen: "127.0.0.1:\(port)" } }

                        """,
                    environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
                    program: Self.container + ["--", "/bin/sh", "-c", Self.enclosing(scenario.folder), "sh"]
                )
                try Self.awaitReady(daemon, status: status)
                let first = try Self.firstProcess(of: daemon)
                #expect(try ProcessTable.field("Uid", of: first) == "54321 54321 54321 54321")
                #expect(try ProcessTable.field("CapEff", of: first).allSatisfy { $0 == "0" })
                for folder in ["/", daemon.folder] {
                    let words = ["--target", "\(first)", "--mount", "/bin/mktemp", "-p", folder]
                    let result = try ChildProcess.run(Command(Command.program("nsenter"), words))
                    #expect(result == .exited(1), "nobody can write in \(folder) there")
                }
                let client = try ClientSocket(to: port)
                try client.echo("hello")
                client.close()
                kill(first, SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(10)) == .exited(0))
                let lines = daemon.log.split(separator: "\n")
                #expect(lines.first?.contains("for the control socket: it cannot be made: Read-only file") == true)
                #expect(lines.contains { $0.contains("\"shut down\"") }, "\(daemon.log)")
                #expect(lines.count { $0.contains("cannot bind") } == 1, "trouble of the control socket is told once")
                for line in lines { #expect(line.hasPrefix("{\"") && line.hasSuffix("}"), "\(line)") }
            }
        }

        private static let container = [
            "/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
        ]

        private static func firstProcess(of daemon: DaemonProcess) throws -> pid_t {
            let first = try #require(ProcessTree().children(of: daemon.pid).first).pid
            #expect(try ProcessTable.field("NSpid", of: first).hasSuffix(" 1"))
            return first
        }

        /// The shell words that take everything away and then become the daemon.
        ///
        /// The user may not reach the folder of the binary, so it is seen in that of the scenario.
        private static func enclosing(_ folder: String) throws -> String {
            let binary = folder + "/supervisor"
            try FileText.write("", to: binary)
            return """
                set -e
                mount --bind '\(folder)' '\(folder)'
                mount -o remount,bind,ro '\(folder)'
                mount --bind '\(try DaemonProcess.binary())' '\(binary)'
                mount -o remount,bind,ro /
                cd "$PWD"
                exec setpriv --reuid 54321 --regid 54321 --clear-groups --no-new-privs \
                --inh-caps -all --bounding-set -all '\(binary)' "$@"
                """
        }

        /// Waits for the readiness that the status page tells; the user may not write to the socket of notifications.
        private static func awaitReady(_ daemon: DaemonProcess, status: UInt16) throws {
            try Facts.wait(for: "it is ready", within: .seconds(15)) {
                if let ended = daemon.process.statusIfEnded() {
                    throw ScenarioFailure("cannot go on: the daemon has ended, \(ended)")
                }
                do { return try ask("/readyz", at: status) == 200 } catch is ConnectFailure { return false }
            }
        }

        /// The status code of a probe, asked as a kubelet asks.
        private static func ask(_ path: String, at port: UInt16) throws -> Int {
            let client = try ClientSocket(to: port)
            defer { client.close() }
            try client.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
            let code = try client.receiveHead().split(separator: " ").dropFirst().first
            return try #require(code.flatMap { Int($0) })
        }
    }
}
