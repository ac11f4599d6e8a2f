import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Whoever listens to the daemon and stops reading holds up neither its services nor its end.
    @Suite struct StalledReader {
        /// F_SETPIPE_SZ of fcntl(2), which Glibc does not show to Swift.
        private static let setPipeSize: Int32 = 1031

        @Test func `a service manager that does not read holds up no reload and no shutdown`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve(1)[0]
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }")
                )
                // Two datagrams each; the socket's queue takes about ten.
                for count in 1...20 {
                    daemon.send(SIGHUP)
                    try Facts.wait(for: "reload \(count) has its verdict") {
                        daemon.log.ranges(of: "reload unchanged").count == count
                    }
                }
                try ClientSocket(to: port).echo("served")
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
            }
        }

        @Test func `a log that nobody reads holds up no service and no shutdown`() throws {
            try Scenario.run { scenario in
                let fifo = scenario.folder + "/log"
                try #require(mkfifo(fifo, 0o600) == 0)
                let reader = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC)
                try #require(reader >= 0 && fcntl(reader, Self.setPipeSize, 4_096) >= 4_096)
                defer { close(reader) }
                let ports = try Ports.reserve(60)
                let services = ports.enumerated().map { "  echo\($0): { type: echo, listen: \"127.0.0.1:\($1)\" }" }
                // The announcements of sixty services are more than the pipe holds.
                let daemon = try scenario.daemon(
                    ConfigurationText(services.joined(separator: "\n")),
                    program: ["/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", fifo, try DaemonProcess.binary()]
                )
                try daemon.awaitReady()
                for port in ports { try ClientSocket(to: port).echo("served") }
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
            }
        }
    }
}
