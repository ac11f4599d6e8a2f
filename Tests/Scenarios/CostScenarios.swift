import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// What the daemon costs: memory that it loses, and system calls when nothing happens.
    @Suite(.timeLimit(.minutes(6))) struct Cost {
        /// Room for the tables that are made once; a leak of 16 bytes a connection would be more.
        private static let globals = 16 * 1024

        @Test func `valgrind finds no lost byte and no error from the start to the stop`() throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let peer = try TinyproxyPeer(folder: scenario.subfolder("peer"), password: Canary.password)
                scenario.atEnd { peer.stop() }
                let ports = try Ports.reserve(4)
                let upstream = "http://127.0.0.1:\(peer.port)"
                let policy = ConfigurationText.loopbackPolicy
                func configuration(extra: Bool) -> ConfigurationText {
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                          near: { type: proxy-bridge, listen: "127.0.0.1:\(ports[1])", upstream: direct, \(policy) }
                          far: { type: proxy-bridge, listen: "127.0.0.1:\(ports[2])", upstream: office, \(policy) }
                        \(extra ? "  extra: { type: echo, listen: \"127.0.0.1:\(ports[3])\" }" : "")
                        """,
                        upstreams: """
                              office: { url: "\(upstream)", username: \(Canary.user), password: \(Canary.password) }
                            """
                    )
                }
                let log = scenario.folder + "/valgrind.log"
                let daemon = try scenario.daemon(
                    configuration(extra: false),
                    program: ValgrindReport.command(for: DaemonProcess.binary(), folder: scenario.folder, log: log),
                    patience: .seconds(90)
                )
                try daemon.awaitReady()
                for round in 1...10 {
                    for index in 0..<100 { try Self.echo(port: ports[0], text: "connection \(round) \(index)") }
                    for index in 0..<20 {
                        try Self.tunnel(through: ports[1 + index % 2], to: origin.port)
                    }
                    let verdict = try daemon.reload(configuration(extra: round % 2 == 1))
                    #expect(verdict.contains("reload applied"), "\(round): \(verdict)")
                }
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(90)) == .exited(0))
                let report = try ValgrindReport(log: log)
                #expect(report.definitelyLostBytes == 0, "\(report.text.suffix(4000))")
                #expect(try #require(report.suppressedBytes) < Self.globals, "\(report.text.suffix(4000))")
                #expect(report.errors == 0, "\(report.text.suffix(4000))")
            }
        }

        @Test func `an idle daemon makes no system call in ten seconds`() throws {
            try Scenario.run { scenario in
                let daemon = try scenario.readyDaemon(try Self.used())
                try Self.use(daemon)
                let trace = try SystemCallTrace.watch(daemon.pid, seconds: 10, folder: scenario.folder)
                #expect(trace.calls.isEmpty, "\(trace.calls.prefix(20))")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an idle daemon with a watchdog makes only the watchdog's system calls`() throws {
            try Scenario.run { scenario in
                let daemon = try scenario.daemon(try Self.used(), environment: ["WATCHDOG_USEC": "2000000"])
                try daemon.awaitReady()
                try Self.use(daemon)
                let before = daemon.notifications.count
                let trace = try SystemCallTrace.watch(daemon.pid, seconds: 10, folder: scenario.folder)
                let ticks = daemon.notifications.dropFirst(before).count(where: \.isWatchdog)
                // The manager wants one in every two seconds; twice as often is the custom.
                #expect((5...25).contains(ticks))
                let sent = trace.calls.filter { $0.line.contains("WATCHDOG=1") }
                #expect(sent.count >= 5, "\(trace.calls.prefix(20))")
                // Everything else happens at the time of a tick: a wake-up, not a life of its own.
                let strays = trace.calls.filter { call in !sent.contains { abs($0.time - call.time) < 0.1 } }
                #expect(strays.isEmpty, "\(strays.prefix(20))")
                #expect(trace.calls.count <= 40 * sent.count, "\(trace.calls.prefix(40))")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        /// A configuration with one service of each kind.
        ///
        /// NIO leaves the kernel's timer armed when a limit is cancelled, so each limit that began wakes a loop once:
        /// those that begin here lie beyond the ten seconds.
        private static func used() throws -> ConfigurationText {
            let ports = try Ports.reserve(3)
            return ConfigurationText(
                """
                  echo: { type: echo, listen: "127.0.0.1:\(ports[0])", idle_timeout: 3600s }
                  web: { type: forward, listen: "127.0.0.1:\(ports[1])", to: "127.0.0.1:\(ports[0])",
                         connect_timeout: 60s }
                  bridge: { type: proxy-bridge, listen: "127.0.0.1:\(ports[2])", upstream: canary,
                            probe: { timeout: 60s } }
                """
            )
        }

        /// Idle after work, which is when forgotten timers show.
        private static func use(_ daemon: DaemonProcess) throws {
            let descriptors = daemon.descriptors.count
            for socket in try daemon.listeners {
                let client = try ClientSocket(to: socket.port)
                client.close()
            }
            let verdict = try daemon.reload()
            #expect(verdict.contains("reload unchanged"), "\(verdict)")
            try daemon.awaitDescriptors(descriptors)
        }

        private static func echo(port: UInt16, text: String) throws {
            let client = try ClientSocket(to: port, limit: .seconds(30))
            try client.echo(text)
            client.endSending()
            #expect(try client.receiveToEnd().isEmpty)
        }

        private static func tunnel(through port: UInt16, to origin: UInt16) throws {
            let client = try ClientSocket(to: port, limit: .seconds(30))
            try client.send("CONNECT 127.0.0.1:\(origin) HTTP/1.1\r\nHost: 127.0.0.1:\(origin)\r\n\r\n")
            let head = try client.receiveHead()
            try #require(head.hasPrefix("HTTP/1.1 200 "), "\(head)")
            try client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            let answer = String(decoding: try client.receiveToEnd(), as: UTF8.self)
            #expect(answer.hasSuffix("origin\n"), "\(answer)")
        }
    }
}
