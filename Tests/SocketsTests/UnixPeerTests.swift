import Addresses
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision
import TestSupport
import Testing

@testable import Services

/// A unix peer that closes at once after its last byte: what it sent must arrive, and then its end.
@Suite(.timeLimit(.minutes(1)))
struct UnixPeerTests {
    /// Sends `count` bytes after the first byte that comes, and closes.
    private final class Sender: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let count: Int
        private let closed: EventLoopPromise<Void>

        init(_ count: Int, closed: EventLoopPromise<Void>) {
            self.count = count
            self.closed = closed
        }

        func channelActive(context: ChannelHandlerContext) { context.read() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer(repeating: 120, count: count)).whenComplete { _ in
                channel.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { closed.succeed() }
    }

    /// Counts what comes once it has been told to read; nothing when the stream is cut.
    private final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let total: EventLoopPromise<Int?>
        private var count = 0

        init(_ total: EventLoopPromise<Int?>) { self.total = total }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            count += unwrapInboundIn(data).readableBytes
        }

        func channelReadComplete(context: ChannelHandlerContext) { context.read() }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .inputClosed? = event as? ChannelEvent else { return }
            total.succeed(count)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { total.succeed(nil) }
    }

    private let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    /// Runs `body` with a forward from `address` to `destination`.
    private func forward(
        from address: ListenAddress = .tcp(TestKernel.loopback, port: 0),
        to destination: ListenAddress,
        _ body: (borrowing TestListener) async throws -> Void
    ) async throws {
        let target: Destination =
            switch destination {
            case .tcp(let host, let port), .udp(let host, let port): .host("\(host)", port: port)
            case .unix(let path): .unix(path: path)
            }
        let kind = ServiceKind.forward(ForwardSettings(to: Located(target, at: position)))
        let specification = ServiceSpecification(
            name: "f",
            at: position,
            kind: kind,
            listen: [Located(address, at: position)]
        )
        let handling = ForwardHandling(log: Logger(label: "test"))
        try await TaskPool.scope { tasks in
            let listener = try await TestListener.start(on: address) { channel, connection in
                let settings = handling.settings(of: specification)
                try handling.begin(channel, connection, settings: settings, life: tasks)
            }
            do { try await body(listener) } catch { Issue.record(error) }
            await listener.end()
        }
    }

    private func promise<Value>(_: Value.Type) -> EventLoopPromise<Value> {
        MultiThreadedEventLoopGroup.singleton.any().makePromise()
    }

    @Test(arguments: [100, 150_000, 3_000_000])
    func `a destination that sends and closes has everything delivered`(_ count: Int) async throws {
        let folder = try TestFolder.make()
        let closed = promise(Void.self)
        let server = try await TestListener.start(on: .unix(path: folder + "/s")) { channel, _ in
            try channel.pipeline.syncOperations.addHandler(Sender(count, closed: closed))
        }
        try await forward(to: .unix(path: folder + "/s")) { listener in
            let client = try await TestClient.connect(to: listener.address, reading: false)
            try await client.send("x")
            // So much fits into the kernel: all of it waits when the client begins to read.
            if count < 200_000 { try await closed.futureResult.get() }
            try await client.startReading()
            #expect(await client.end() == .finished)
            #expect(client.received == count)
            try await client.finish()
            _ = await listener.connections.empty()
        }
        await server.end()
        #expect(rmdir(folder) == 0)
    }

    @Test(arguments: [100, 150_000, 3_000_000])
    func `a client that sends and closes has everything delivered`(_ count: Int) async throws {
        let folder = try TestFolder.make()
        let accepted = promise((any Channel).self)
        let total = promise(Int?.self)
        let target = try await TestListener.start { channel, _ in
            try channel.pipeline.syncOperations.addHandler(Sink(total))
            accepted.succeed(channel)
        }
        try await forward(from: .unix(path: folder + "/s"), to: target.address) { listener in
            let client = try await TestClient.connect(to: listener.address)
            client.pour(count)
            if count < 200_000 {
                try await client.flush()
                try await client.close()
                try await accepted.futureResult.get().read()
            } else {
                try await accepted.futureResult.get().read()
                try await client.flush()
                try await client.close()
            }
            #expect(try await total.futureResult.get() == count)
            _ = await listener.connections.empty()
        }
        await target.end()
        #expect(rmdir(folder) == 0)
    }

    @Test func `what answers a client that has closed is dropped and may finish`() async throws {
        let folder = try TestFolder.make()
        let echo = try await TestListener.start { channel, connection in
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
        }
        try await forward(from: .unix(path: folder + "/s"), to: echo.address) { listener in
            let client = try await TestClient.connect(to: listener.address, reading: false)
            client.pour(100_000)
            try await client.flush()
            try await client.close()
            _ = await listener.connections.empty()
        }
        _ = await echo.connections.empty()
        await echo.end()
        #expect(rmdir(folder) == 0)
    }
}
