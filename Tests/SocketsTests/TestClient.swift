import Addresses
import NIOCore
import NIOPosix
import Sockets
import Synchronization

/// A client that tells what it receives; it reads only while it is told to.
final class TestClient: Sendable {
    /// How a stream ended.
    enum End: Hashable, Sendable {
        case finished
        case reset
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let state: TestClient

        init(_ state: TestClient) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            state.update { $0.bytes += bytes.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { state.update { $0.end = $0.end ?? .finished } }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            state.update { $0.end = $0.end ?? .reset }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            state.update { $0.end = $0.end ?? ($0.hasFinishedOutput ? .finished : .reset) }
        }
    }

    private struct State {
        var bytes: [UInt8] = []
        var end: End?
        var hasFinishedOutput = false
        var waiters: [(isMet: @Sendable (State) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let local = Mutex("")
    private let connected = Mutex<(any Channel)?>(nil)

    static func connect(to address: ListenAddress, reading: Bool = true) async throws -> TestClient {
        let client = TestClient()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(client))
                }
            }
        let channel =
            switch address {
            case .tcp(let host, let port), .udp(let host, let port):
                try await bootstrap.connect(host: "\(host)", port: Int(port)).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        client.connected.withLock { $0 = channel }
        let local = channel.localAddress
        client.local.withLock { $0 = "\(local?.ipAddress ?? ""):\(local?.port ?? 0)" }
        return client
    }

    var channel: any Channel {
        guard let channel = connected.withLock({ $0 }) else { preconditionFailure("not connected") }
        return channel
    }

    /// The address from which it connects.
    var address: String { local.withLock { $0 } }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends without waiting until it is taken.
    func pour(_ count: Int, of byte: UInt8 = 120) {
        channel.writeAndFlush(ByteBuffer(repeating: byte, count: count), promise: nil)
    }

    /// Waits until the kernel has taken everything.
    func flush() async throws {
        try await channel.writeAndFlush(ByteBuffer()).get()
    }

    func finish() async throws {
        state.withLock { $0.hasFinishedOutput = true }
        try await channel.close(mode: .output).get()
    }

    func reset() async throws {
        let channel = channel
        try await channel.eventLoop.submit { channel.reset() }.get()
        try await channel.closeFuture.get()
    }

    func close() async throws {
        channel.close(promise: nil)
        try await channel.closeFuture.get()
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    func text(_ count: Int) async -> String {
        await wait { $0.bytes.count >= count || $0.end != nil }
        return String(decoding: state.withLock { $0.bytes }, as: UTF8.self)
    }

    var received: Int { state.withLock { $0.bytes.count } }

    func end() async -> End? {
        await wait { $0.end != nil }
        return state.withLock { $0.end }
    }

    private func wait(_ isMet: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMetNow = state.withLock { state in
                if isMet(state) { return true }
                state.waiters.append((isMet, continuation))
                return false
            }
            if isMetNow { continuation.resume() }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let met = state.withLock { state in
            change(&state)
            let now = state
            state.waiters.removeAll { $0.isMet(now) }
            return now.waiters.filter { $0.isMet(now) }
        }
        for (_, continuation) in met { continuation.resume() }
    }
}
