import NIOCore
import NIOPosix
import Sockets
import TestSupport
import Testing

/// Whether something has come over a connection that nobody reads: what a resting upstream connection is asked.
@Suite(.timeLimit(.minutes(1)))
struct QuietChannelTests {
    private enum Event: CaseIterable {
        case bytes
        case end
        case close
    }

    /// Connects two channels that do not read by themselves; `far` is the accepted one.
    private func pair(_ body: (_ near: any Channel, _ far: any Channel) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (accepted, accept) = AsyncStream.makeStream(of: (any Channel).self)
        let listener = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                accept.yield(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let near = try await ClientBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: try #require(listener.localAddress)).get()
        for await far in accepted {
            // It is made before it is registered.
            while try await far.eventLoop.submit({ !far.isActive }).get() { try await Turn.next() }
            try await body(near, far)
            break
        }
        for channel in [near, listener] { try await close(channel) }
    }

    /// A peer that has closed takes the channel with it.
    private func close(_ channel: any Channel) async throws {
        do { try await channel.close().get() } catch ChannelError.alreadyClosed {}
    }

    private func isQuiet(_ channel: any Channel) async throws -> Bool {
        try await channel.eventLoop.submit { channel.isQuiet }.get()
    }

    @Test func `a connection over which nothing has come is quiet, and one that is closed is not`() async throws {
        try await pair { near, far in
            #expect(try await isQuiet(near))
            #expect(try await isQuiet(far))
            try await near.close().get()
            #expect(try await !isQuiet(near))
            try await close(far)
        }
    }

    @Test(arguments: Event.allCases)
    private func `what the event loop has not read yet is heard all the same`(event: Event) async throws {
        try await pair { near, far in
            switch event {
            case .bytes: try await far.writeAndFlush(ByteBuffer(string: "x")).get()
            case .end: try await far.close(mode: .output).get()
            case .close: try await far.close().get()
            }
            // Loopback delivers at once, but perhaps not before the write returns.
            while try await isQuiet(near) { try await Turn.next() }
            try await close(far)
        }
    }
}
