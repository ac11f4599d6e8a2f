import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Datagrams with numbers that an echo sends back, a few at a time; each must come back once.
final class NumberedStream: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// So few are under way that no buffer is full even when nobody reads for a moment.
    private static let window = 64

    private struct State {
        var sent: UInt64 = 0
        var missing: Set<UInt64> = []
        var unexpected: [UInt64] = []
        var received = 0
        var isEnding = false
        var wanted = 0
        var waiter: CheckedContinuation<Void, Never>?

        mutating func next() -> UInt64 {
            sent += 1
            missing.insert(sent)
            return sent
        }
    }

    private let peer: SocketAddress
    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    private init(_ peer: SocketAddress) { self.peer = peer }

    static func start(to peer: SocketAddress) async throws -> NumberedStream {
        let stream = NumberedStream(peer)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(stream) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        stream.channel.withLock { $0 = channel }
        try await channel.eventLoop.submit {
            for _ in 0..<Self.window { stream.send(stream.state.withLock { $0.next() }, on: channel) }
        }.get()
        return stream
    }

    /// Waits until `count` more have come back.
    func advance(by count: Int) async throws {
        await wait { $0.wanted = $0.received + count }
    }

    /// Waits until everything has come back.
    func end() async throws {
        await wait { state in
            state.isEnding = true
            state.wanted = state.received + state.missing.count
        }
        let channel = try #require(channel.withLock { $0 })
        try await channel.close()
        let (missing, unexpected) = state.withLock { ($0.missing, $0.unexpected) }
        #expect(missing.isEmpty)
        #expect(unexpected.isEmpty)
    }

    private func wait(_ change: (inout State) -> Void) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                change(&state)
                if state.received < state.wanted { state.waiter = continuation }
                return state.received >= state.wanted
            }
            if isThere { continuation.resume() }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data).data
        let number = bytes.readInteger(as: UInt64.self) ?? 0
        let (waiter, next) = state.withLock { state in
            if state.missing.remove(number) == nil { state.unexpected.append(number) }
            state.received += 1
            let waiter = state.received >= state.wanted ? state.waiter.take() : nil
            return (waiter, state.isEnding ? nil : state.next())
        }
        waiter?.resume()
        if let next { send(next, on: context.channel) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        Issue.record(error)
    }

    private func send(_ number: UInt64, on channel: any Channel) {
        let envelope = AddressedEnvelope(remoteAddress: peer, data: ByteBuffer(integer: number))
        channel.writeAndFlush(envelope).whenFailure { Issue.record($0) }
    }
}
