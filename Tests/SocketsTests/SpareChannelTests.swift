import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Sockets

/// Channels that go from one connection to the next, and who answers for them meanwhile.
@Suite(.timeLimit(.minutes(1)))
struct SpareChannelTests {
    /// What the listener's side of a test does with a connection, on its event loop.
    private final class Scene: Sendable {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let accepted = Mutex<[Connection]>([])

        /// A channel dialled for the newest connection, which adopts it, to a listener of its own.
        func dial(_ far: ListenAddressOf, for connection: Connection) async throws -> any Channel {
            try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    connection.adopt(channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .connect(to: far.address).get()
        }

        func newest() async -> Connection {
            while true {
                if let connection = accepted.withLock({ $0.last }) { return connection }
                await Task.yield()
            }
        }
    }

    private struct ListenAddressOf: Sendable {
        let address: SocketAddress
    }

    private func run(
        _ body: (Scene, borrowing TestListener, SpareChannels, Connection, any Channel) async throws -> Void
    ) async throws {
        let scene = Scene()
        let far = try await ServerBootstrap(group: scene.loop).bind(host: "127.0.0.1", port: 0).get()
        let listener = try await TestListener.start(group: scene.loop) { _, connection in
            scene.accepted.withLock { $0.append(connection) }
        }
        let spares = listener.connections.spareChannels(on: scene.loop.next())
        let client = try await TestClient.connect(to: listener.address)
        let connection = await scene.newest()
        let channel = try await scene.dial(ListenAddressOf(address: try #require(far.localAddress)), for: connection)
        let isKept = try await channel.eventLoop.submit { spares.keep(channel, of: connection, limit: 1) }.get()
        #expect(isKept)
        try await client.reset()
        while listener.connections.count > 0 { try await Turn.next() }
        #expect(channel.isActive, "what is spare does not go with its last client")
        do { try await body(scene, listener, spares, connection, channel) } catch { Issue.record(error) }
        await listener.end()
        #expect(!channel.isActive)
        try await far.close().get()
        try await scene.loop.shutdownGracefully()
    }

    @Test func `a table with a spare channel is not empty`() async throws {
        try await run { scene, listener, _, _, channel in
            let journal = Journal()
            let connections = listener.connections
            await withTaskGroup { group in
                group.addTask {
                    _ = await connections.empty()
                    journal.write("empty")
                }
                // The table has been asked, and its loop has turned.
                for _ in 1...100 { await Task.yield() }
                #expect(journal.entries.isEmpty)
                do { try await channel.close().get() } catch { Issue.record(error) }
                await journal.wait(for: "empty")
            }
        }
    }

    @Test func `draining closes what is spare, and nothing is kept any more`() async throws {
        try await run { scene, listener, spares, _, channel in
            listener.connections.drain()
            _ = await listener.connections.empty()
            #expect(!channel.isActive)
        }
    }

    @Test func `a spare channel goes to the next connection, with whose slot it ends`() async throws {
        try await run { scene, listener, spares, first, channel in
            let client = try await TestClient.connect(to: listener.address)
            while scene.accepted.withLock({ $0.count }) < 2 { try await Turn.next() }
            let second = await scene.newest()
            let isGiven = try await channel.eventLoop.submit { spares.give(channel, to: second) }.get()
            #expect(isGiven)
            // The connection that it served first has nothing to do with it any more.
            first.force()
            try await channel.eventLoop.submit {}.get()
            #expect(channel.isActive)
            second.force()
            _ = await listener.connections.empty()
            #expect(!channel.isActive)
            try await client.close()
        }
    }

    @Test func `the number of spare channels is bounded over all loops`() async throws {
        try await run { scene, listener, spares, _, channel in
            #expect(!listener.connections.countSpare(limit: 1))
            #expect(listener.connections.countSpare(limit: 2))
            listener.connections.spareLost()
        }
    }
}
