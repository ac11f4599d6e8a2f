import Addresses
import NIOCore
import ServiceConfiguration
import Services
import Sockets
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ForwardDatagramTests {
    private let loopback = ListenAddress.udp(TestKernel.loopback, port: 0)

    private func run(
        to destination: Destination,
        on listen: [ListenAddress]? = nil,
        drain: Duration = .seconds(10),
        max: Int = 100,
        idle: Duration? = nil,
        _ body: (inout ServiceRig) async throws -> Void
    ) async throws -> ServiceRig.Record {
        let specification = ServiceRig.specification(ServiceRig.forward(to: destination), listen ?? [loopback]) {
            $0.maxConnections = max
            $0.idleTimeout = idle
        }
        return try await ServiceRig.run(specification, drain: drain, body)
    }

    /// Waits until the service has `count` sessions.
    private func until(_ rig: ServiceRig, sessions count: Int) async throws {
        while rig.service?.openConnections != count { try await Turn.next() }
    }

    @Test func `each client has a session of its own, and its answers`() async throws {
        try await TestDatagrams.with { server in
            let record = try await run(to: server.destination) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { first in
                    try await TestDatagrams.with { second in
                        try await first.send("from first", to: address)
                        let one = await server.next()
                        try await second.send("from second", to: address)
                        let two = await server.next()
                        #expect([one.text, two.text] == ["from first", "from second"])
                        #expect(one.from != two.from)
                        #expect(rig.service?.openConnections == 2)
                        try await server.send("for second", to: two.from)
                        try await server.send("for first", to: one.from)
                        let answer = await first.next()
                        #expect(answer.text == "for first")
                        #expect(answer.from == address)
                        #expect(await second.next().text == "for second")
                        try await first.send("again", to: address)
                        #expect(await server.next().from == one.from)
                        try await server.send("answer", to: one.from)
                        #expect(await first.next().text == "answer")
                    }
                }
            }
            #expect(record.ledgers.withLock { $0.map { [$0.connections, $0.forced] } } == [[2, 0]])
        }
    }

    @Test(arguments: [0, 1, 65_507])
    func `a datagram of any size is relayed both ways`(_ size: Int) async throws {
        let bytes = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try await TestDatagrams.with { server in
            _ = try await run(to: server.destination) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { client in
                    try await client.send(bytes, to: address)
                    let question = await server.next()
                    #expect(question.bytes == bytes)
                    try await server.send(bytes, to: question.from)
                    #expect(await client.next().bytes == bytes)
                }
            }
        }
    }

    @Test func `a name is looked up, and what waits for it comes in order`() async throws {
        try await TestDatagrams.with { server in
            let port = UInt16(try #require(try server.address.port))
            _ = try await run(to: .host("localhost", port: port)) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { client in
                    for number in 1...20 { try await client.send("\(number)", to: address) }
                    for number in 1...20 { #expect(await server.next().text == "\(number)") }
                }
            }
        }
    }

    @Test func `a wildcard answers from the address that the client used, with a session for each`() async throws {
        try await TestDatagrams.with { server in
            _ = try await run(to: server.destination, on: [.udp(TestKernel.any, port: 0)]) { rig in
                try await TestDatagrams.with { client in
                    for host in ["127.0.0.1", "127.0.0.7"] {
                        let address = try rig.address().socketAddress(at: host)
                        try await client.send(host, to: address)
                        let question = await server.next()
                        try await server.send(question.bytes, to: question.from)
                        let answer = await client.next()
                        #expect(answer.text == host)
                        #expect(answer.from == address)
                    }
                }
                #expect(rig.service?.openConnections == 2)
            }
        }
    }

    @Test func `a client beyond the limit is dropped, which is told once`() async throws {
        try await TestDatagrams.with { server in
            let record = try await run(to: server.destination, max: 1) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { first in
                    try await TestDatagrams.with { second in
                        try await first.send("1", to: address)
                        #expect(await server.next().text == "1")
                        for _ in 1...5 { try await second.send("dropped", to: address) }
                        try await first.send("2", to: address)
                        #expect(await server.next().text == "2")
                        #expect(rig.service?.openConnections == 1)
                    }
                }
            }
            #expect(record.warnings().count == 1)
            #expect(record.warnings().allSatisfy { $0.contains("raise max_connections") })
        }
    }

    @Test func `a session ends after the idle timeout and the client may begin another`() async throws {
        try await TestDatagrams.with { server in
            _ = try await run(to: server.destination, idle: .milliseconds(50)) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { client in
                    try await client.send("one", to: address)
                    let one = await server.next()
                    try await until(rig, sessions: 0)
                    try await client.send("two", to: address)
                    let two = await server.next()
                    #expect(two.text == "two")
                    #expect(one.from != two.from)
                }
            }
        }
    }

    @Test func `a destination that refuses is told and may come later`() async throws {
        let port = Int(try FreePort.next())
        let record = try await run(to: .host("127.0.0.1", port: UInt16(port))) { rig in
            let address = try rig.address().socketAddress()
            try await TestDatagrams.with { client in
                for _ in 1...5 { try await client.send("lost", to: address) }
                while rig.record.warnings().isEmpty { try await Turn.next() }
                try await TestDatagrams.with(port: port) { server in
                    try await client.send("found", to: address)
                    // Datagrams that were still on their way may have arrived too.
                    var arrival = await server.next()
                    while arrival.text == "lost" { arrival = await server.next() }
                    #expect(arrival.text == "found")
                    try await server.send("answer", to: arrival.from)
                    #expect(await client.next().text == "answer")
                }
            }
        }
        #expect(record.warnings().first?.hasPrefix("warning cannot connect to 127.0.0.1:\(port): ") == true)
    }

    @Test func `a stopped service delivers the answers that are under way`() async throws {
        try await TestDatagrams.with { server in
            let record = try await run(to: server.destination) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { client in
                    try await client.send("question", to: address)
                    let question = await server.next()
                    await rig.stop()
                    // The request to stop arrives in its own time; from then on only the session goes on.
                    var arrival = ""
                    while arrival != "more" {
                        try await TestDatagrams.with { try await $0.send("too late", to: address) }
                        try await client.send("more", to: address)
                        arrival = await server.next().text
                        if arrival == "too late" { #expect(await server.next().text == "more") }
                    }
                    try await server.send("answer", to: question.from)
                    #expect(await client.next().text == "answer")
                }
            }
            #expect(record.ledgers.withLock { $0.map(\.forced) } == [0])
        }
    }

    @Test func `a session that goes on longer than the drain time is cut and named`() async throws {
        try await TestDatagrams.with { server in
            let record = try await run(to: server.destination, drain: .milliseconds(50)) { rig in
                let address = try rig.address().socketAddress()
                try await TestDatagrams.with { client in
                    try await client.send("question", to: address)
                    _ = await server.next()
                }
            }
            #expect(record.ledgers.withLock { $0.map { [$0.connections, $0.forced] } } == [[1, 1]])
            #expect(record.forced.withLock { $0.allSatisfy { $0.contains("client=127.0.0.1:") } })
            #expect(record.forced.withLock { $0.count } == 1)
        }
    }

    @Test func `no datagram is lost while the service is replaced`() async throws {
        let echo = ServiceRig.specification(.echo, [loopback])
        _ = try await ServiceRig.run(echo) { server in
            guard case .udp(let host, let port) = try server.address() else { return }
            let own = ListenAddress.udp(TestKernel.loopback, port: try FreePort.next())
            _ = try await run(to: .host("\(host)", port: port), on: [own]) { rig in
                let inode = try rig.inode()
                let specification = try #require(rig.specification)
                let stream = try await NumberedStream.start(to: own.socketAddress())
                for _ in 1...20 {
                    try await stream.advance(by: 50)
                    try await rig.load(specification)
                }
                try await stream.end()
                #expect(try rig.inode() == inode)
            }
        }
    }
}
