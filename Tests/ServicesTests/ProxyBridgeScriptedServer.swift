import NIOCore
import NIOPosix
import Synchronization

/// A server on a port of the kernel's choice that does what a script says, connection after connection.
struct ScriptedServer: Sendable {
    let port: Int
    /// How many connections there have been.
    private let accepted: AcceptCount

    var connections: Int { accepted.value }

    static func run(
        _ script: @escaping @Sendable (ProxyBridgePeer, Int) async throws -> Void,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, accepted: .init())
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                try await listener.executeThenClose { clients in
                    await withDiscardingTaskGroup { connections in
                        do {
                            for try await client in clients {
                                let number = server.accepted.next()
                                connections.addTask { await serve(client, number, script) }
                            }
                        } catch {
                            // The test is over.
                        }
                    }
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(server)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    private static func serve(
        _ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ number: Int,
        _ script: @Sendable (ProxyBridgePeer, Int) async throws -> Void
    ) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                try await script(ProxyBridgePeer(inbound, outbound, client.channel), number)
            }
        } catch {
            // What a script meets is seen by the client of the bridge.
        }
    }
}

/// A counter that several tasks share.
private final class AcceptCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
