import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Programs that run and do badly.
    @Suite struct Health {
        /// Answers 200, and 500 while the file `sick` is there.
        private static let patient = """
            import http.server
            class Answer(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(500 if os.path.exists("sick") else 200)
                    self.end_headers()
                do_HEAD = do_GET
            http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Answer).serve_forever()
            """

        @Test(arguments: ["http: \"http://127.0.0.1:PORT/\"", "command: [/bin/sh, -c, \"test ! -e FOLDER/sick\"]"])
        func `an unhealthy program starts again, and one that is only marked goes on`(check: String) throws {
            for consequence in ["restart", "mark"] {
                try Scenario.run { scenario in
                    let port = try Ports.reserve()
                    let script = try scenario.python("patient", Self.patient.replacing("PORT", with: "\(port)"))
                    let check = check.replacing("PORT", with: "\(port)").replacing("FOLDER", with: scenario.folder)
                    let daemon = try scenario.readyDaemon(
                        ConfigurationText(
                            """
                              patient:
                                type: process
                                command: \(script.command)
                                ready: { tcp: "127.0.0.1:\(port)" }
                                restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 1000 }
                                health: { \(check), interval: 100ms, timeout: 2s, failures: 2,
                                          on_unhealthy: \(consequence) }
                            """
                        )
                    )
                    let pid = try script.awaitStart()
                    try script.raise("sick")
                    if consequence == "restart" {
                        try script.awaitStart(2)
                        try script.lower("sick")
                        try daemon.awaitLine(containing: "crashed", "patient")
                        try daemon.awaitStatus(of: "patient", containing: " ready ")
                        #expect(script.running.count == 1)
                    } else {
                        try daemon.awaitLine(containing: "patient", "unhealthy")
                        try daemon.awaitStatus(of: "patient", containing: "unhealthy")
                        try script.lower("sick")
                        try Facts.wait(for: "the status is fine again") {
                            try !daemon.status(of: "patient").contains("unhealthy")
                        }
                        #expect(script.running == [pid] && script.starts == [pid])
                    }
                    #expect(daemon.zombies.isEmpty, "\(daemon.zombies)")
                    #expect(try daemon.stop() == .exited(0))
                }
            }
        }

        @Test func `a check that hangs counts as failed and leaves no process`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("patient")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          patient:
                            type: process
                            command: \(script.command)
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 1000 }
                            health: { command: [/bin/sh, -c, "setsid sleep 1000 & sleep 1000"], interval: 50ms,
                                      timeout: 200ms, failures: 2, on_unhealthy: mark }
                        """
                    )
                )
                try script.awaitStart()
                try daemon.awaitStatus(of: "patient", containing: "unhealthy")
                // Two checks may run at no time; each has at most its shell and two sleeps.
                #expect(daemon.descendants.count < 10, "\(daemon.descendants)")
                #expect(script.running.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program whose watchdog falls silent gets SIGABRT and starts again`() throws {
            try Scenario.run { scenario in
                let script = try scenario.python(
                    "dog",
                    """
                    path = os.environ["NOTIFY_SOCKET"]
                    limit = int(os.environ["WATCHDOG_USEC"]) / 1e6
                    assert os.environ["WATCHDOG_PID"] == str(os.getpid())
                    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    manager.connect("\\0" + path[1:] if path.startswith("@") else path)
                    def aborted(*_):
                        with open("aborted", "a") as note: note.write(f"{limit}\\n")
                        os._exit(9)
                    signal.signal(signal.SIGABRT, aborted)
                    manager.send(b"READY=1")
                    while True:
                        if not os.path.exists("silent"): manager.send(b"WATCHDOG=1")
                        time.sleep(0.05)
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          dog:
                            type: process
                            command: \(script.command)
                            ready: notify
                            watchdog: 500ms
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 1000 }
                        """
                    )
                )
                try script.awaitStart()
                // Twice its limit: a watchdog that nothing feeds would have bitten.
                Facts.pace(milliseconds: 1000)
                #expect(script.starts.count == 1, "\(daemon.log)")
                try script.raise("silent")
                #expect(try script.note("aborted").hasPrefix("0.5\n"))
                try script.lower("silent")
                try script.awaitStart(2)
                try daemon.awaitLine(containing: "dog", "watchdog")
                try daemon.awaitStatus(of: "dog", containing: " ready ")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that says itself that it is stuck starts again`() throws {
            try Scenario.run { scenario in
                let script = try scenario.python(
                    "dog",
                    """
                    path = os.environ["NOTIFY_SOCKET"]
                    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    manager.connect("\\0" + path[1:] if path.startswith("@") else path)
                    manager.send(b"READY=1")
                    while not os.path.exists("stuck"): time.sleep(0.02)
                    os.remove("stuck")
                    manager.send(b"WATCHDOG=trigger")
                    signal.pause()
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          dog:
                            type: process
                            command: \(script.command)
                            ready: notify
                            watchdog: 60s
                            restart: { backoff: { initial: 10ms, max: 10ms } }
                        """
                    )
                )
                try script.raise("stuck")
                try script.awaitStart(2)
                #expect(script.running.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
