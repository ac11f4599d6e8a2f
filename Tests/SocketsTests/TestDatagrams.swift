import Addresses
import NIOCore
import NIOPosix
import Sockets
import Synchronization
import Testing

/// A UDP socket of a test: sends, and keeps what comes until the test takes it.
final class TestDatagrams: Sendable {
    struct Arrival: Sendable {
        var bytes: ByteBuffer
        var from: SocketAddress

        var text: String { String(buffer: bytes) }
    }

    private struct Inbox {
        var arrivals: [Arrival] = []
        var waiter: CheckedContinuation<Arrival, Never>?
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let owner: TestDatagrams.Post

        init(_ owner: TestDatagrams.Post) { self.owner = owner }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            owner.deliver(Arrival(bytes: envelope.data, from: envelope.remoteAddress))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    final class Post: Sendable {
        private let inbox = Mutex(Inbox())

        func deliver(_ arrival: Arrival) {
            let waiter = inbox.withLock { inbox in
                guard let waiter = inbox.waiter.take() else {
                    inbox.arrivals.append(arrival)
                    return nil as CheckedContinuation<Arrival, Never>?
                }
                return waiter
            }
            waiter?.resume(returning: arrival)
        }

        func next() async -> Arrival {
            await withCheckedContinuation { continuation in
                let arrival: Arrival? = inbox.withLock { inbox in
                    guard inbox.arrivals.isEmpty else { return inbox.arrivals.removeFirst() }
                    inbox.waiter = continuation
                    return nil
                }
                if let arrival { continuation.resume(returning: arrival) }
            }
        }

        var count: Int { inbox.withLock { $0.arrivals.count } }
    }

    let channel: any Channel
    private let post = Post()

    private init(_ host: String, port: Int) async throws {
        let post = post
        channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(post))
                }
            }
            .bind(to: SocketAddress(ipAddress: host, port: port)).get()
    }

    /// A socket on a port of its own around `body`.
    static func with<Value>(
        _ host: String = "127.0.0.1",
        port: Int = 0,
        _ body: (TestDatagrams) async throws -> Value
    ) async throws -> Value {
        let socket = try await TestDatagrams(host, port: port)
        let result: Result<Value, any Error>
        do { result = .success(try await body(socket)) } catch { result = .failure(error) }
        try await socket.channel.close()
        return try result.get()
    }

    var address: SocketAddress {
        get throws { try #require(channel.localAddress) }
    }

    var destination: Destination {
        get throws {
            let address = try address
            return .host(try #require(address.ipAddress), port: UInt16(try #require(address.port)))
        }
    }

    /// How many datagrams have come that nobody has taken.
    var count: Int { post.count }

    func send(_ bytes: ByteBuffer, to address: SocketAddress) async throws {
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: bytes)).get()
    }

    func send(_ text: String, to address: SocketAddress) async throws {
        try await send(ByteBuffer(string: text), to: address)
    }

    func next() async -> Arrival { await post.next() }

    func ask(_ text: String, _ address: SocketAddress) async throws -> String {
        try await send(text, to: address)
        return await next().text
    }
}

extension ListenAddress {
    /// The address as clients use it; a wildcard is reached at `host`.
    func socketAddress(at host: String? = nil) throws -> SocketAddress {
        switch self {
        case .tcp(let own, let port), .udp(let own, let port):
            try SocketAddress(ipAddress: host ?? "\(own)", port: Int(port))
        case .unix(let path):
            try SocketAddress(unixDomainSocketPath: path)
        }
    }
}
