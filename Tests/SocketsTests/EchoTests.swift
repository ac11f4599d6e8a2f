import Addresses
import Glibc
import NIOCore
import Sockets
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct EchoTests {
    private func listener(limit: Int = 1_000, idle: TimeAmount? = nil) async throws -> TestListener {
        try await TestListener.start(limit: limit) { channel, connection in
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: idle))
        }
    }

    @Test func `an echo writes back what it reads and finishes after its client`() async throws {
        let listener = try await listener()
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("hello")
        #expect(await client.text(5) == "hello")
        client.pour(1_000_000)
        try await client.finish()
        #expect(await client.end() == .finished)
        #expect(client.received == 1_000_005)
        #expect(await listener.connections.empty() == [])
        #expect(listener.connections.totals.connections == 1)
        await listener.end()
    }

    @Test func `a client that never reads is held and named when it is cut`() async throws {
        var listener = try await listener()
        let client = try await TestClient.connect(to: listener.address, reading: false)
        let isStuck = Stalling(client.channel)
        client.pour(64 << 20)
        try await isStuck.wait()
        let connection = try #require(listener.connections.connections.first)
        #expect(connection.received < 16 << 20, "it reads only while the client takes what was written")
        await listener.stopAccepting()
        listener.connections.drain()
        let connections = listener.connections
        let forced = await withTaskGroup(of: [String].self) { group in
            group.addTask { await connections.empty() }
            group.cancelAll()
            return await group.next() ?? []
        }
        let line = try #require(forced.first)
        #expect(forced.count == 1)
        let pattern = #/id=\d+ client=127\.0\.0\.1:\d+ age=\d+\.\ds unsent=(\d+)/#
        let match = try #require(try pattern.wholeMatch(in: line), "\(line)")
        #expect(try #require(Int(match.1)) > 64 * 1_024)
        #expect(line.contains("client=\(client.address) "))
        try await client.close()
        await listener.end()
    }

    @Test func `an idle connection ends when the service drains`() async throws {
        var listener = try await listener()
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("x")
        #expect(await client.text(1) == "x")
        await listener.stopAccepting()
        listener.connections.drain()
        #expect(await listener.connections.empty() == [])
        #expect(await client.end() == .finished)
        await listener.end()
    }

    @Test func `a connection without a byte for the idle timeout is closed`() async throws {
        let listener = try await listener(idle: .milliseconds(50))
        let client = try await TestClient.connect(to: listener.address)
        #expect(await client.end() == .finished)
        #expect(await listener.connections.empty() == [])
        await listener.end()
    }

    @Test func `a client that resets frees its slot`() async throws {
        let listener = try await listener()
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("x")
        #expect(await client.text(1) == "x")
        try await client.reset()
        #expect(await listener.connections.empty() == [])
        await listener.end()
    }

    @Test func `at the limit the next client waits for a slot`() async throws {
        let listener = try await listener(limit: 1)
        let first = try await TestClient.connect(to: listener.address)
        try await first.send("1")
        #expect(await first.text(1) == "1")
        let second = try await TestClient.connect(to: listener.address)
        try await second.send("2")
        #expect(listener.connections.count == 1)
        try await first.send("1")
        #expect(await first.text(2) == "11")
        #expect(second.received == 0)
        try await first.finish()
        #expect(await second.text(1) == "2")
        #expect(listener.connections.totals.connections == 2)
        try await second.finish()
        #expect(await second.end() == .finished)
        await listener.end()
    }

    @Test func `a higher limit lets waiting clients in`() async throws {
        let listener = try await listener(limit: 0)
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("x")
        listener.connections.setLimit(1)
        #expect(await client.text(1) == "x")
        try await client.close()
        await listener.end()
    }

    @Test func `clients in the queue of a retired address are served`() async throws {
        var listener = try await listener(limit: 0)
        var clients: [TestClient] = []
        for _ in 0..<20 { clients.append(try await TestClient.connect(to: listener.address)) }
        listener.table.retireAll()
        // A queue can only be long while the service does not accept.
        listener.connections.setLimit(15)
        await listener.stopAccepting()
        #expect(listener.connections.totals.connections == 15)
        for client in clients.prefix(15) {
            try await client.send("x")
            #expect(await client.text(1) == "x")
        }
        for client in clients.suffix(5) { #expect(await client.end() == .reset) }
        for client in clients { try await client.close() }
        await listener.end()
    }

    @Test func `a unix socket is served`() async throws {
        let folder = try TestFolder.make()
        let listener = try await TestListener.start(on: .unix(path: folder + "/s")) { channel, connection in
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
        }
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("x")
        #expect(await client.text(1) == "x")
        try await client.finish()
        #expect(await client.end() == .finished)
        await listener.end()
        #expect(!TestKernel.exists(folder + "/s"))
        #expect(rmdir(folder) == 0)
    }
}
