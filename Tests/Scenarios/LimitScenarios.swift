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
