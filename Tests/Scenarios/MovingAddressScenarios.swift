import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Addresses that move while clients connect all the time.
    @Suite struct MovingAddresses {
        /// The exchanges that each load must complete.
        private static let exchanges = 5_000
        private static let moves = 20

        @Test func `two services swap their ports under load and no connect fails`() throws {
            try Scenario.run { scenario in
                let peer = try LoopbackServer.upperCaseEcho()
                scenario.atEnd { peer.stop() }
                let ports = try Ports.reserve(2)
                func configuration(swapped: Bool) -> ConfigurationText {
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(ports[swapped ? 1 : 0])" }
                          web: { type: forward, listen: "127.0.0.1:\(ports[swapped ? 0 : 1])",
                                 to: "127.0.0.1:\(peer.port)" }
                        """
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(swapped: false))
                try Self.warmUp(daemon, configuration(swapped: true), configuration(swapped: false))
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let load = try scenario.load(ports: ports)
                for move in 1...Self.moves {
                    let isSwapped = move % 2 == 1
                    let verdict = try daemon.reload(configuration(swapped: isSwapped))
                    #expect(verdict.hasPrefix("generation \(move + 3): reload applied"), "\(verdict)")
                    #expect(try Self.answer(at: ports[0]) == (isSwapped ? "HELLO" : "hello"))
                    #expect(try Self.answer(at: ports[1]) == (isSwapped ? "hello" : "HELLO"))
                    // The next swap meets connections of the services that this one started.
                    try load.waitForExchanges(Self.exchanges * move / Self.moves, at: ports)
                }
                let result = load.stop()
                #expect(result.failed == 0, "\(result)")
                #expect(ports.allSatisfy { result.succeeded(at: $0) >= Self.exchanges }, "\(result)")
                #expect(try daemon.listeners == listeners)
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an address moves between the wildcard and the loopback under load and no connect fails`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                func configuration(_ address: String) -> ConfigurationText {
                    ConfigurationText("  echo: { type: echo, listen: \"\(address):\(port)\" }")
                }
                let daemon = try scenario.readyDaemon(configuration("0.0.0.0"))
                try Self.warmUp(daemon, configuration("127.0.0.1"), configuration("0.0.0.0"))
                let descriptors = daemon.descriptors.count
                let load = try scenario.load(ports: [port])
                for move in 1...Self.moves {
                    let address = move % 2 == 1 ? "127.0.0.1" : "0.0.0.0"
                    let verdict = try daemon.reload(configuration(address))
                    #expect(verdict.hasPrefix("generation \(move + 3): reload applied"), "\(verdict)")
                    try Facts.wait(for: "only \(address):\(port) listens") {
                        try daemon.listeners.map(\.address) == [address]
                    }
                    try load.waitForExchanges(Self.exchanges * move / Self.moves, at: [port])
                }
                let result = load.stop()
                #expect(result.failed == 0, "\(result)")
                #expect(result.succeeded(at: port) >= Self.exchanges, "\(result)")
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `fifty reloads, good, bad and unchanged in turn, fail no connect and leak no descriptor`() throws {
            try Scenario.run { scenario in
                let peer = try LoopbackServer.upperCaseEcho()
                scenario.atEnd { peer.stop() }
                let ports = try Ports.reserve(4)
                let foreign = try ForeignListener(port: ports[3], folder: scenario.folder)
                scenario.atEnd { foreign.release() }
                let kept = """
                      echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      web: { type: forward, listen: "127.0.0.1:\(ports[1])", to: "127.0.0.1:\(peer.port)" }
                    """
                let small = ConfigurationText(kept)
                let large = ConfigurationText(kept + "\n  extra: { type: echo, listen: \"127.0.0.1:\(ports[2])\" }")
                let taken = ConfigurationText(kept + "\n  extra: { type: echo, listen: \"127.0.0.1:\(ports[3])\" }")
                let broken = ConfigurationText(kept + "\n  extra: { type: echo, listen: [ }")

                let daemon = try scenario.readyDaemon(small)
                try Self.warmUp(daemon, large, small)
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let load = try scenario.load(ports: [ports[0], ports[1]])
                var current = small
                for index in 0..<50 {
                    switch index % 3 {
                    case 0:
                        current = index % 2 == 0 ? large : small
                        let verdict = try daemon.reload(current)
                        #expect(verdict.contains("reload applied"), "\(index): \(verdict)")
                    case 1:
                        let verdict = try daemon.reload(index % 2 == 0 ? taken : broken)
                        #expect(verdict.contains("reload rejected: services.yaml:"), "\(index): \(verdict)")
                    default:
                        let verdict = try daemon.reload(current)
                        #expect(verdict.contains("reload unchanged"), "\(index): \(verdict)")
                    }
                    #expect(try daemon.listeners.isSuperset(of: listeners))
                    try load.waitForExchanges(Self.exchanges * (index + 1) / 50, at: [ports[0], ports[1]])
                }
                let last = try daemon.reload(small)
                #expect(last.contains("reload applied"), "\(last)")
                let result = load.stop()
                #expect(result.failed == 0, "\(result)")
                #expect([ports[0], ports[1]].allSatisfy { result.succeeded(at: $0) >= Self.exchanges }, "\(result)")
                try Facts.wait(for: "the removed address is closed") { try daemon.listeners == listeners }
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        /// Two reloads, there and back: what a process opens once for its whole life is open before descriptors are
        /// counted.
        private static func warmUp(
            _ daemon: DaemonProcess,
            _ there: ConfigurationText,
            _ back: ConfigurationText
        ) throws {
            for socket in try daemon.listeners {
                let client = try ClientSocket(to: socket.port)
                client.endSending()
                #expect(try client.receiveToEnd().isEmpty)
            }
            for configuration in [there, back] {
                let verdict = try daemon.reload(configuration)
                #expect(verdict.contains("reload applied"), "\(verdict)")
            }
            let ports = Set(try daemon.listeners.map(\.port))
            try Facts.wait(for: "the replaced listeners are closed") {
                try daemon.listeners.count == ports.count
            }
        }

        private static func answer(at port: UInt16) throws -> String {
            let client = try ClientSocket(to: port)
            try client.send("hello")
            let answer = String(decoding: try client.receive(exactly: 5), as: UTF8.self)
            client.endSending()
            _ = try client.receiveToEnd()
            return answer
        }
    }
}
