import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Datagrams {
        @Test func `an echo answers each datagram from its own address, the empty and the largest too`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        "  echo: { type: echo, listen: [\"udp:127.0.0.1:\(port)\", \"127.0.0.1:\(port)\"] }"
                    )
                )
                let clients = try (0..<20).map { _ in try DatagramSocket() }
                for (index, client) in clients.enumerated() {
                    for size in [1, 0, 1200, 65_507 - index] {
                        try client.echo([UInt8](repeating: UInt8(index), count: size), at: port)
                    }
                }
                let stream = try ClientSocket(to: port)
                try stream.echo("the same port by TCP")
                stream.close()
                #expect(try daemon.stop() == .exited(0))
                let again = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"udp:127.0.0.1:\(port)\" }")
                )
                try clients[0].echo([7], at: port)
                #expect(try again.stop() == .exited(0))
            }
        }

        @Test func `a forward keeps a session for each client, which ends when it is idle`() throws {
            try Scenario.run { scenario in
                let (port, target) = (try Ports.reserve(), try DatagramSocket())
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          forward:
                            type: forward
                            listen: "udp:127.0.0.1:\(port)"
                            to: "127.0.0.1:\(target.port)"
                            idle_timeout: 500ms
                        """
                    )
                )
                let descriptors = daemon.descriptors.count
                let clients = try (0..<3).map { _ in try DatagramSocket() }
                var sessions: Set<UInt16> = []
                for round in 0..<3 {
                    for (index, client) in clients.enumerated() {
                        let words: [UInt8] = [UInt8(index), UInt8(round)]
                        try client.send(words, to: port)
                        let (bytes, session) = try target.receive()
                        #expect(bytes == words)
                        sessions.insert(session)
                        // Two answers to one datagram, from the port that the client knows.
                        for answer in [1, 2] as [UInt8] { try target.send(words + [answer], to: session) }
                        for answer in [1, 2] as [UInt8] {
                            let (bytes, source) = try client.receive()
                            #expect(bytes == words + [answer] && source == port)
                        }
                    }
                }
                #expect(sessions.count == 3, "each client has one session")
                try daemon.awaitStatus(of: "forward", containing: "connections 0")
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the sessions of a forward are drained like connections`() throws {
            try Scenario.run { scenario in
                let (port, target, client) = (try Ports.reserve(), try DatagramSocket(), try DatagramSocket())
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          forward: { type: forward, listen: "udp:127.0.0.1:\(port)", to: "127.0.0.1:\(target.port)",
                                     idle_timeout: 800ms }
                        """,
                        drain: "10s"
                    )
                )
                try client.send([1], to: port)
                let (_, session) = try target.receive()
                #expect(try daemon.status(of: "forward").contains("connections 1"))
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                // An answer that was on its way still arrives.
                try target.send([2], to: session)
                #expect(try client.receive().bytes == [2])
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(
                    daemon.log.contains("stopped service=forward connections=1 finished=1 forced=0"),
                    "\(daemon.log)"
                )
            }
        }

        @Test func `a session that does not end in the drain is forced and named`() throws {
            try Scenario.run { scenario in
                let (port, target, client) = (try Ports.reserve(), try DatagramSocket(), try DatagramSocket())
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          forward: { type: forward, listen: "udp:127.0.0.1:\(port)", to: "127.0.0.1:\(target.port)",
                                     idle_timeout: 60s }
                        """,
                        drain: "300ms"
                    )
                )
                try client.send([1], to: port)
                _ = try target.receive()
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(1))
                #expect(!daemon.lines(containing: "forced", "127.0.0.1:\(client.port)").isEmpty, "\(daemon.log)")
            }
        }
    }
}
