import Addresses
import NIOCore
import ServiceConfiguration
import Services
import Sockets
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EchoDatagramTests {
    private let loopback = ListenAddress.udp(TestKernel.loopback, port: 0)
    private static let loopback6 = IPAddress.v6([0, 0, 0, 0, 0, 0, 0, 1])

    @Test(arguments: [0, 1, 1_472, 65_507])
    func `an echo answers every datagram with itself`(_ size: Int) async throws {
        let bytes = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        let record = try await ServiceRig.run(ServiceRig.specification(.echo, [loopback])) { rig in
            let address = try rig.address().socketAddress()
            try await TestDatagrams.with { client in
                for _ in 1...3 {
                    try await client.send(bytes, to: address)
                    let answer = await client.next()
                    #expect(answer.bytes == bytes)
                    #expect(answer.from == address)
                }
            }
            #expect(rig.service?.openConnections == 0, "an echo of datagrams keeps no sessions")
        }
        #expect(record.ledgers.withLock { $0.map(\.connections) } == [0])
    }

    @Test func `an echo answers over IPv6`() async throws {
        let listen = ListenAddress.udp(Self.loopback6, port: 0)
        _ = try await ServiceRig.run(ServiceRig.specification(.echo, [listen])) { rig in
            let address = try rig.address().socketAddress()
            try await TestDatagrams.with("::1") { client in
                let answer = try await client.ask("six", address)
                #expect(answer == "six")
            }
        }
    }

    @Test func `a wildcard answers from the address that the client used`() async throws {
        let listen = [ListenAddress.udp(TestKernel.any, port: 0), .udp(.v6(Array(repeating: 0, count: 8)), port: 0)]
        _ = try await ServiceRig.run(ServiceRig.specification(.echo, listen)) { rig in
            for host in ["127.0.0.1", "127.0.0.5", "127.1.2.3"] {
                let address = try rig.address().socketAddress(at: host)
                try await TestDatagrams.with { client in
                    try await client.send("x", to: address)
                    #expect(await client.next().from == address)
                }
            }
            let address = try rig.address(1).socketAddress(at: "::1")
            try await TestDatagrams.with("::1") { client in
                try await client.send("x", to: address)
                #expect(await client.next().from == address)
            }
        }
    }

    @Test func `an echo does not answer what answers by itself`() async throws {
        _ = try await ServiceRig.run(ServiceRig.specification(.echo, [loopback])) { rig in
            let address = try rig.address().socketAddress()
            try await TestDatagrams.with("127.0.0.2", port: try #require(address.port)) { other in
                try await other.send("to and fro", to: address)
                try await TestDatagrams.with { client in
                    // Answered in order: the one before would have been by now.
                    let answer = try await client.ask("x", address)
                    #expect(answer == "x")
                }
                #expect(other.count == 0)
            }
        }
    }

    @Test func `connections and datagrams are served side by side on one port`() async throws {
        let port = try FreePort.next()
        let listen = [ListenAddress.tcp(TestKernel.loopback, port: port), .udp(TestKernel.loopback, port: port)]
        let record = try await ServiceRig.run(ServiceRig.specification(.echo, listen)) { rig in
            let stream = try await TestClient.connect(to: rig.address(0))
            try await stream.send("stream")
            #expect(await stream.text(6) == "stream")
            let address = try rig.address(1).socketAddress()
            try await TestDatagrams.with { client in
                let answer = try await client.ask("datagram", address)
                #expect(answer == "datagram")
            }
        }
        #expect(record.ledgers.withLock { $0.map(\.connections) } == [1])
    }

    @Test func `no datagram is lost while the service is replaced`() async throws {
        let specification = ServiceRig.specification(.echo, [.udp(TestKernel.loopback, port: try FreePort.next())])
        _ = try await ServiceRig.run(specification) { rig in
            let inode = try rig.inode()
            let address = try rig.address().socketAddress()
            let stream = try await NumberedStream.start(to: address)
            for _ in 1...20 {
                try await stream.advance(by: 50)
                try await rig.load(specification)
            }
            try await stream.end()
            #expect(try rig.inode() == inode)
        }
    }

    @Test func `no datagram is lost while an address widens and narrows`() async throws {
        let port = try FreePort.next()
        let wide = ServiceRig.specification(.echo, [.udp(TestKernel.any, port: port)])
        let narrow = ServiceRig.specification(.echo, [.udp(TestKernel.loopback, port: port)])
        _ = try await ServiceRig.run(wide) { rig in
            let address = try ListenAddress.udp(TestKernel.loopback, port: port).socketAddress()
            let stream = try await NumberedStream.start(to: address)
            for round in 1...8 {
                try await stream.advance(by: 50)
                try await rig.load(round % 2 == 0 ? wide : narrow)
            }
            try await stream.end()
        }
    }
}
