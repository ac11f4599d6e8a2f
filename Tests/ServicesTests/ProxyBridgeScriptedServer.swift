import NIOCore
import NIOPosix
import NIOSSL
import Sockets
import Synchronization
import Testing

/// A server on a port of the kernel's choice that does what a script says, connection after connection.
struct ScriptedServer: Sendable {
    let port: Int
    /// How many connections there have been.
    private let accepted: AcceptCount

    var connections: Int { accepted.value }

    /// With `tls`, that is what it speaks.
    static func run(
        over tls: NIOSSLContext? = nil,
        _ script: @escaping @Sendable (ProxyBridgePeer, Int) async throws -> Void,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in
                // Wrapped by the task that serves it: NIO traps when a wrapped channel is dropped with its listener.
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(TransportHandler())
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(EarlyInputHandler {})
                    return channel
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, accepted: .init())
        await withDiscardingTaskGroup { group in
            group.addTask { await serveAll(listener, server, script) }
            do { try await body(server) } catch { Issue.record(error) }
            // Not cancelled: what was accepted is served to its end.
            do { try await listener.channel.close().get() } catch { Issue.record(error) }
        }
    }

    private static func serveAll(
        _ listener: NIOAsyncChannel<any Channel, Never>,
        _ server: ScriptedServer,
        _ script: @escaping @Sendable (ProxyBridgePeer, Int) async throws -> Void
    ) async {
        do {
            try await listener.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { connections in
                    for try await client in clients {
                        let number = server.accepted.next()
                        connections.addTask { await serve(client, number, script) }
                    }
                }
            }
        } catch {
            // The listener was closed before: the test is over.
        }
    }

    private static func serve(
        _ channel: any Channel,
        _ number: Int,
        _ script: @Sendable (ProxyBridgePeer, Int) async throws -> Void
    ) async {
        do {
            let client = try await channel.eventLoop.submit { try wrap(channel) }.get()
            try await client.executeThenClose { inbound, outbound in
                try await channel.setOption(.autoRead, value: true).get()
                try await script(ProxyBridgePeer(inbound, outbound, channel), number)
            }
        } catch {
            // What a script meets is seen by the client of the bridge.
        }
    }

    /// Makes the channel asynchronous, with what it has received before.
    private static func wrap(_ channel: any Channel) throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let early = try channel.pipeline.syncOperations.handler(type: EarlyInputHandler.self)
        let client = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
        channel.pipeline.syncOperations.removeHandler(early, promise: nil)
        if let bytes = early.input.bytes {
            channel.pipeline.fireChannelRead(bytes)
            channel.pipeline.fireChannelReadComplete()
        }
        if early.input.isFinished { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        return client
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
