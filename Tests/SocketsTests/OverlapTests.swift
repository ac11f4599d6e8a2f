import Addresses
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Services
@testable import Sockets

@Suite(.timeLimit(.minutes(1)))
struct OverlapTests {
    private final class Score: Sendable {
        let connected = Atomic(0)
        let isOver = Atomic(false)
        let failures = Mutex<[String]>([])
    }

    @Test func `no connection fails while an address widens and narrows`() async throws {
        let table = ListenerTable()
        let port = try FreePort.next()
        let addresses = [ListenAddress.tcp(TestKernel.any, port: port), .tcp(TestKernel.loopback, port: port)]
        let score = Score()
        var life = try await Life.start(table, addresses[0])
        async let first: Void = Self.connect(to: addresses[1], score)
        async let second: Void = Self.connect(to: addresses[1], score)
        async let third: Void = Self.connect(to: addresses[1], score)
        for round in 1...6 {
            let next = try await Life.start(table, addresses[round % 2])
            await life.end()
            life = next
            // The swaps are only worth something with connections between them.
            for _ in 0..<20 { await Self.connectOnce(to: addresses[1], score) }
        }
        score.isOver.store(true, ordering: .relaxed)
        _ = await (first, second, third)
        table.retireAll()
        await life.end()
        #expect(score.failures.withLock { $0 } == [])
        #expect(score.connected.load(ordering: .relaxed) >= 120)
        #expect(table.inodes().isEmpty)
    }

    /// One echo service, from its commit to its last connection.
    private struct Life: ~Copyable {
        private let acceptors: Acceptors
        private let connections: ConnectionTable

        private init(_ acceptors: consuming Acceptors, _ connections: ConnectionTable) {
            self.acceptors = acceptors
            self.connections = connections
        }

        static func start(_ table: ListenerTable, _ address: ListenAddress) async throws -> Life {
            let request = ListenRequest(address, owner: "echo", index: 0)
            switch table.stage([request]) {
            case .staged(let staged): staged.commit()
            case .failed(let failures): throw try #require(failures.first)
            }
            let connections = ConnectionTable(service: "echo", limit: 100)
            let group = MultiThreadedEventLoopGroup.singleton
            let acceptors = try await table.sockets(for: [request]).accept(on: group, into: connections) {
                try $0.pipeline.syncOperations.addHandler(EchoHandler($1, idle: nil))
            }
            return Life(acceptors, connections)
        }

        consuming func end() async {
            let connections = connections
            _ = await acceptors.close()
            #expect(await connections.empty() == [])
        }
    }

    private static func connect(to address: ListenAddress, _ score: Score) async {
        while !score.isOver.load(ordering: .relaxed) { await connectOnce(to: address, score) }
    }

    private static func connectOnce(to address: ListenAddress, _ score: Score) async {
        do {
            let client = try await TestClient.connect(to: address)
            try await client.send("x")
            let answer = await client.text(1)
            if answer != "x" { score.failures.withLock { $0.append("answered `\(answer)`") } }
            try await client.finish()
            _ = await client.end()
            score.connected.add(1, ordering: .relaxed)
        } catch {
            score.failures.withLock { $0.append("\(error)") }
        }
    }
}
