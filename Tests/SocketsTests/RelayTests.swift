import Addresses
import NIOCore
import NIOPosix
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RelayTests {
    /// A relay between a client and an upstream that the test holds both.
    private struct Joined: ~Copyable {
        let listener: TestListener
        let upstreamListener: TestListener
        let client: TestClient
        let upstream: TestClient
        let cause: Outcome

        consuming func end() async {
            await listener.end()
            await upstreamListener.end()
        }
    }

    final class Outcome: Sendable {
        private let promise: EventLoopPromise<Relay.Cause>
        init() { promise = group.any().makePromise() }
        func follow(_ future: EventLoopFuture<Relay.Cause>) { future.cascade(to: promise) }
        func get() async throws -> Relay.Cause { try await promise.futureResult.get() }
    }

    /// The upstream channel is the accepted side of a second client.
    private func join(_ limits: RelayLimits, early: EarlyInput = EarlyInput()) async throws -> Joined {
        let outcome = Outcome()
        let meeting = Meeting()
        let upstreamListener = try await TestListener.start(group: Self.group) { channel, _ in meeting.upstream(channel)
        }
        let upstream = try await TestClient.connect(to: upstreamListener.address)
        let far = try await meeting.channel()
        let listener = try await TestListener.start(group: Self.group) { channel, connection in
            try channel.pipeline.syncOperations.addHandler(
                Starter { client in
                    connection.adopt(far)
                    outcome.follow(
                        try Relay.join(
                            client: client,
                            upstream: far,
                            connection: connection,
                            limits: limits,
                            fromClient: early
                        )
                    )
                }
            )
        }
        let client = try await TestClient.connect(to: listener.address)
        return Joined(
            listener: listener,
            upstreamListener: upstreamListener,
            client: client,
            upstream: upstream,
            cause: outcome
        )
    }

    private final class Starter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let start: (any Channel) throws -> Void
        init(_ start: @escaping (any Channel) throws -> Void) { self.start = start }
        func channelActive(context: ChannelHandlerContext) {
            do { try start(context.channel) } catch { context.close(promise: nil) }
        }
    }

    private final class Meeting: Sendable {
        private let far: EventLoopPromise<any Channel>

        init() { far = group.any().makePromise() }

        func upstream(_ channel: any Channel) { far.succeed(channel) }
        func channel() async throws -> any Channel { try await far.futureResult.get() }
    }

    /// One loop, because a relay joins channels of one loop.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let limits = RelayLimits(idle: nil, halfClose: nil, writeStall: nil)

    @Test func `bytes go both ways and early bytes go first`() async throws {
        let joined = try await join(limits, early: EarlyInput(bytes: ByteBuffer(string: "early ")))
        try await joined.client.send("ping")
        #expect(await joined.upstream.text(10) == "early ping")
        try await joined.upstream.send("pong")
        #expect(await joined.client.text(4) == "pong")
        await joined.end()
    }

    @Test(arguments: [true, false])
    func `a side that has finished still receives`(clientFirst: Bool) async throws {
        let joined = try await join(limits)
        let (first, second) = clientFirst ? (joined.client, joined.upstream) : (joined.upstream, joined.client)
        first.pour(300_000)
        try await first.finish()
        #expect(await second.end() == .finished)
        #expect(second.received == 300_000)
        second.pour(3_000_000)
        try await second.finish()
        #expect(await first.end() == .finished)
        #expect(first.received == 3_000_000)
        #expect(try await joined.cause.get() == (clientFirst ? .clientFinished : .upstreamFinished))
        await joined.end()
    }

    @Test func `a client that has finished before the relay began is finished on the other side`() async throws {
        let joined = try await join(limits, early: EarlyInput(bytes: ByteBuffer(string: "all"), isFinished: true))
        #expect(await joined.upstream.end() == .finished)
        #expect(await joined.upstream.text(3) == "all")
        try await joined.upstream.send("answer")
        #expect(await joined.client.text(6) == "answer")
        await joined.end()
    }

    @Test(arguments: [true, false])
    func `a reset is passed on as a reset`(byClient: Bool) async throws {
        let joined = try await join(limits)
        try await joined.client.send("x")
        #expect(await joined.upstream.text(1) == "x")
        try await (byClient ? joined.client : joined.upstream).reset()
        #expect(await (byClient ? joined.upstream : joined.client).end() == .reset)
        #expect(try await joined.cause.get() == .reset)
        await joined.end()
    }

    @Test func `a reset after a half-close is passed on as a reset`() async throws {
        let joined = try await join(limits)
        try await joined.client.finish()
        #expect(await joined.upstream.end() == .finished)
        try await joined.upstream.reset()
        #expect(try await joined.cause.get() == .reset)
        await joined.end()
    }

    @Test func `a side that does not read holds the other`() async throws {
        let joined = try await join(limits)
        try await joined.upstream.channel.setOption(.autoRead, value: false).get()
        joined.client.pour(64 << 20)
        try await Stalling(joined.client.channel).wait()
        let connection = try #require(joined.listener.connections.connections.first)
        #expect(connection.received < 32 << 20)
        try await joined.upstream.startReading()
        try await joined.client.finish()
        #expect(await joined.upstream.end() == .finished)
        #expect(joined.upstream.received == 64 << 20)
        await joined.end()
    }

    @Test func `a relay without a byte ends when it is idle for too long`() async throws {
        let joined = try await join(RelayLimits(idle: .milliseconds(50), halfClose: nil, writeStall: nil))
        #expect(await joined.client.end() == .finished)
        #expect(await joined.upstream.end() == .finished)
        #expect(try await joined.cause.get() == .idle)
        await joined.end()
    }

    @Test func `a half-closed relay ends when the other side says nothing`() async throws {
        let joined = try await join(RelayLimits(idle: nil, halfClose: .milliseconds(50), writeStall: nil))
        try await joined.client.finish()
        #expect(try await joined.cause.get() == .halfCloseExpired)
        await joined.end()
    }

    @Test func `a peer that takes nothing is cut`() async throws {
        let joined = try await join(RelayLimits(idle: nil, halfClose: nil, writeStall: .milliseconds(200)))
        try await joined.upstream.channel.setOption(.autoRead, value: false).get()
        joined.client.pour(64 << 20)
        #expect(try await joined.cause.get() == .writeStall)
        #expect(await joined.client.end() == .reset)
        await joined.end()
    }

    @Test func `a forced relay resets both sides`() async throws {
        let joined = try await join(limits)
        joined.listener.connections.force()
        #expect(await joined.client.end() == .reset)
        #expect(await joined.upstream.end() == .reset)
        #expect(try await joined.cause.get() == .forced)
        await joined.end()
    }
}
