import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// What happens where a limit is reached.
    @Suite struct Limits {
        @Test func `a load that needs more descriptors than there are is rejected before it binds`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try Self.daemon(
                    scenario,
                    "  echo: { type: echo, listen: \"127.0.0.1:\(port)\", max_connections: 1000 }",
                    descriptors: 60
                )
                #expect(try daemon.awaitExit() == .exited(69))
                #expect(daemon.log.contains("cannot open"), "\(daemon.log)")
                #expect(try Ports.isFree(port))
            }
        }

        @Test(arguments: [4, 8, 15, 30])
        func `a limit that is too low for the daemon itself is told in a line, and is no crash`(limit: Int) throws {
            try Scenario.run { scenario in
                let services = "  echo: { type: echo, listen: 127.0.0.1:0 }"
                let daemon = try Self.daemon(scenario, services, descriptors: limit)
                #expect(try daemon.awaitExit() == .exited(69))
                #expect(daemon.log.hasPrefix("cannot start with a limit of \(limit) descriptors: "), "\(daemon.log)")
            }
        }

        @Test func `a daemon without a free descriptor serves those it has, and the others as soon as it can`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try Self.daemon(
                    scenario,
                    "  echo: { type: echo, listen: \"127.0.0.1:\(port)\", max_connections: 40 }",
                    descriptors: 80
                )
                try daemon.awaitReady()
                let descriptors = daemon.descriptors.count
                var clients = try (0..<100).map { _ in try ClientSocket(to: port) }
                for client in clients.prefix(20) { try client.echo("served") }
                // Each end makes room for one that waits in the kernel's queue.
                while !clients.isEmpty {
                    let client = clients.removeFirst()
                    try client.echo("its turn")
                    client.endSending()
                    #expect(try client.receiveToEnd().isEmpty)
                }
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a service at its connection limit lets the next client wait and serves it`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\", max_connections: 2 }")
                )
                let first = try ClientSocket(to: port)
                let second = try ClientSocket(to: port)
                try first.echo("first")
                try second.echo("second")
                let third = try ClientSocket(to: port)
                try third.send("third")
                #expect(throws: ScenarioFailure.self) { try third.receiveWithin(milliseconds: 300, count: 5) }
                first.close()
                #expect(String(decoding: try third.receive(exactly: 5), as: UTF8.self) == "third")
                try second.echo("still second")
                second.close()
                third.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a bridge that has no descriptor left says so, blames nobody, and goes on when it has some`() throws
        {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.sameCaseEcho()
                scenario.atEnd { origin.stop() }
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(BridgeLine.service("bridge", port: port, upstream: "direct"))
                )
                let request = "CONNECT 127.0.0.1:\(origin.port) HTTP/1.1\r\nHost: a\r\n\r\n"
                func answer() throws -> String {
                    let client = try ClientSocket(to: port)
                    try client.send(request)
                    return String(decoding: try client.receiveToEnd(), as: UTF8.self)
                }
                let shell = ClientProgram(folder: scenario.folder)
                func limit(to count: Int) throws {
                    _ = try shell.shell("prlimit --pid=\(daemon.pid) --nofile=\(count):")
                }
                let highest = try #require(daemon.descriptors.keys.max())
                let isFull = daemon.descriptors.count == highest + 1
                try #require(isFull, "the descriptors have no gap: \(daemon.descriptors.keys.sorted())")
                // One more for a client, none for its target.
                try limit(to: highest + 2)
                let refused = try answer()
                #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("error=connection_limit_reached"))
                #expect(refused.contains("raise its limit of open files"))
                // None at all.
                try limit(to: highest + 1)
                let dismissed = try answer()
                #expect(dismissed.hasPrefix("HTTP/1.1 503 ") && dismissed.contains("error=connection_limit_reached"))
                let status = try daemon.command("status")
                #expect(status.code != 0 && status.errors.contains("the daemon has no descriptor left"), "\(status)")
                try daemon.awaitStatus(of: "bridge", containing: "cannot accept connections: Too many open files")
                #expect(origin.accepted == 0)
                try limit(to: 1_024)
                let client = try ClientSocket(to: port)
                try client.send(request)
                #expect(try client.receiveHead().hasPrefix("HTTP/1.1 200 "))
                try client.echo("there")
                #expect(try !daemon.status(of: "bridge").contains("cannot accept"))
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        /// A daemon under a limit of descriptors, which it cannot raise.
        private static func daemon(
            _ scenario: Scenario,
            _ services: String,
            descriptors: Int
        ) throws -> DaemonProcess {
            let prlimit = try Command.program("prlimit")
            return try scenario.daemon(
                ConfigurationText(services),
                program: [prlimit, "--nofile=\(descriptors):\(descriptors)", DaemonProcess.binary()]
            )
        }
    }
}
