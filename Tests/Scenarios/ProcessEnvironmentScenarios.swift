import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// What a program is given, and that it is given nothing else.
    @Suite struct ProcessEnvironment {
        @Test func `a program gets the variables of its configuration and an allow-list, and no secret of the daemon`()
            throws
        {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("program")
                try FileText.write("FROM_FILE=1\nBOTH=file\n", to: scenario.folder + "/variables")
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          program:
                            type: process
                            command: \(script.command)
                            environment_file: \(scenario.folder)/variables
                            environment: { BOTH: given, SECRET: "${env:DAEMON_SECRET}", INSTANCE: a b }
                        """
                    ),
                    environment: [
                        "DAEMON_SECRET": Canary.password, "OTHER_SECRET": Canary.specialPassword, "HOME": "/",
                        "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": "/nonexistent", "WATCHDOG_USEC": "60000000",
                        "LISTEN_FDNAMES": "x",
                    ]
                )
                try daemon.awaitReady()
                let pid = try script.awaitStart()
                #expect(
                    try ProcessTable.environment(of: pid).filter { !$0.hasPrefix("PWD=") && !$0.hasPrefix("OLDPWD=") }
                        == [
                            "BOTH=given", "FROM_FILE=1", "HOME=/", "INSTANCE=a b", "LC_ALL=C.UTF-8",
                            "PATH=/usr/bin:/bin",
                            "SECRET=\(Canary.password)", "XDG_RUNTIME_DIR=\(daemon.folder)",
                        ]
                )
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program has its three descriptors, its own session, no blocked and no ignored signal`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let script = try scenario.sleeper("program")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(port)" }
                          program: { type: process, command: \(script.command), directory: /usr }
                        """
                    )
                )
                let pid = try script.awaitStart()
                let client = try ClientSocket(to: port)
                try client.echo("there are connections to inherit")
                try script.kill()
                #expect(try script.awaitStart(2) != pid)
                let again = try script.awaitStart(2)
                try Facts.wait(for: "the program is what the script became") {
                    try ProcessTable.command(of: again) == "sleep"
                }
                let descriptors = ProcessTable.descriptors(of: again)
                #expect(descriptors.keys.sorted() == [0, 1, 2], "\(descriptors)")
                #expect(descriptors[0] == "/dev/null")
                #expect(try ProcessTable.field("SigBlk", of: again) == "0000000000000000")
                // posix_spawn of glibc leaves the two signals that are its own, 32 and 33, ignored.
                let ignored = try ProcessTable.field("SigIgn", of: again)
                #expect(["0000000000000000", "0000000180000000"].contains(ignored), "\(ignored)")
                let stat = try FileText.read("/proc/\(again)/stat").split(separator: " ")
                #expect(stat[4] == "\(again)" && stat[5] == "\(again)", "its group and its session are its own")
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(.enabled(if: getuid() == 0, "only root can change the user"))
        func `a program runs as its user, with that user's groups and variables, and within its limits`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("program")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          program:
                            type: process
                            command: \(script.command)
                            user: nobody
                            group: daemon
                            limits: { open_files: 64, core: 0B, cpu_time: 1000s }
                        """
                    )
                )
                let pid = try script.awaitStart()
                let user = try #require(getpwnam("nobody")?.pointee)
                let group = try #require(getgrnam("daemon")?.pointee.gr_gid)
                let (uid, gid) = ("\(user.pw_uid)", "\(group)")
                #expect(try ProcessTable.field("Uid", of: pid) == [uid, uid, uid, uid].joined(separator: " "))
                #expect(try ProcessTable.field("Gid", of: pid) == [gid, gid, gid, gid].joined(separator: " "))
                #expect(try !ProcessTable.field("Groups", of: pid).split(separator: " ").contains("0"))
                #expect(try ProcessTable.field("CapEff", of: pid) == "0000000000000000")
                let environment = try ProcessTable.environment(of: pid)
                for (name, value) in [("HOME", user.pw_dir), ("USER", user.pw_name), ("SHELL", user.pw_shell)] {
                    let text = try #require(value.map { String(cString: $0) })
                    #expect(environment.contains("\(name)=\(text)"), "\(environment)")
                }
                let limits = try FileText.read("/proc/\(pid)/limits").split(separator: "\n")
                for (name, value) in [("Max open files", "64"), ("Max core file size", "0"), ("Max cpu time", "1000")] {
                    let line = try #require(limits.first { $0.hasPrefix(name) })
                    #expect(line.dropFirst(name.count).split(separator: " ").first == Substring(value), "\(line)")
                }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that takes its sockets over is killed while clients come, and none is refused`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let script = try scenario.python("server", Self.server)
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          server:
                            type: process
                            command: \(script.command)
                            sockets: ["127.0.0.1:\(ports[0])", "127.0.0.1:\(ports[1])"]
                            restart: { backoff: { initial: 10ms, max: 50ms }, intensity: 1000 }
                        """
                    )
                )
                #expect(try script.note("sockets") == "2 True 5 \(ports[0]) \(ports[1])\n")
                let listeners = try daemon.listeners
                #expect(Set(listeners.map(\.port)) == Set(ports))
                var (answered, kills) = (0, 0)
                for round in 0..<300 {
                    if round % 30 == 10 {
                        try script.kill()
                        kills += 1
                    }
                    // A refused connect fails the scenario; a connection that the program had accepted dies with it.
                    let client = try ClientSocket(to: ports[round % 2])
                    do {
                        try client.echo("hello \(round)")
                        answered += 1
                    } catch is ScenarioFailure {}
                }
                #expect(answered >= 300 - 2 * kills, "\(answered) of 300 with \(kills) kills")
                #expect(try daemon.listeners == listeners)
                #expect(script.starts.count == kills + 1)
                #expect(try daemon.stop() == .exited(0))
                for port in ports { #expect(try Ports.isFree(port)) }
            }
        }

        /// Echoes on the sockets that it is given, and says what it was given.
        private static let server = """
            import threading
            count = int(os.environ["LISTEN_FDS"])
            listeners = [socket.socket(fileno=3 + index) for index in range(count)]
            # One more: the folder that is being read.
            descriptors = len(os.listdir("/proc/self/fd")) - 1
            with open("sockets", "w") as note:
                mine = os.environ["LISTEN_PID"] == str(os.getpid())
                print(count, mine, descriptors, *[listener.getsockname()[1] for listener in listeners], file=note)
            def echo(client):
                with client:
                    while data := client.recv(65536): client.sendall(data)
            def serve(listener):
                while True: threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
            for listener in listeners: threading.Thread(target=serve, args=(listener,), daemon=True).start()
            signal.pause()
            """
    }
}
