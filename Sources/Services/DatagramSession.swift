import Addresses
import Glibc
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision

/// The datagrams between one client and the destination, from its first one until both have been silent.
///
/// It lives on the event loop of the listening socket, from which the answers leave.
final class DatagramSession: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private enum State {
        case dialling(WaitingDatagrams)
        case open(DatagramSocket)
        case ended
    }

    /// How long both sides may be silent when `idle_timeout` is not set: datagrams have no end of their own, and most
    /// exchanges are over sooner.
    static let defaultIdle = TimeAmount.seconds(60)
    /// While the service drains, an exchange that has had its answer is over after this silence.
    private static let quietAfterAnswer = TimeAmount.seconds(1)
    /// The same while the answer is still to come: most resolvers and servers answer within it.
    private static let quietBeforeAnswer = TimeAmount.seconds(5)

    private let client: DatagramClient
    private let connection: Connection
    private let settings: ForwardHandling.Settings
    private let failures: DialFailureLog
    private let service: DatagramService
    private var ended: () -> Void
    private var state = State.dialling(WaitingDatagrams())
    private var lastDatagram = NIODeadline.now()
    private var wasAnswered = false
    private var isDraining = false
    private var timer: Scheduled<Void>?

    init(
        _ client: DatagramClient,
        _ connection: Connection,
        settings: ForwardHandling.Settings,
        failures: DialFailureLog,
        service: DatagramService,
        ended: @escaping () -> Void
    ) {
        self.client = client
        self.connection = connection
        self.settings = settings
        self.failures = failures
        self.service = service
        self.ended = ended
    }

    // MARK: - From the client

    /// Takes a datagram of the client; false when the session has just ended, and another is to take it.
    func forward(_ bytes: ByteBuffer) -> Bool {
        connection.count(received: bytes.readableBytes)
        lastDatagram = .now()
        wasAnswered = false
        switch state {
        case .dialling(var waiting):
            state = .ended  // lets go of the queue, so that it is not copied
            waiting.append(bytes)
            state = .dialling(waiting)
            return true
        case .open(let upstream): return send(bytes, to: upstream)
        case .ended: return false
        }
    }

    private func send(_ bytes: ByteBuffer, to upstream: DatagramSocket) -> Bool {
        do throws(SystemCallError) {
            try upstream.send(bytes)
        } catch {
            // An earlier datagram was refused, and this one was not sent. Anything else: lost, as datagrams may be.
            guard error.errno == ECONNREFUSED else { return true }
            refused()
            return false
        }
        return true
    }

    // MARK: - From the destination

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).data
        lastDatagram = .now()
        wasAnswered = true
        do throws(SystemCallError) {
            try service.socket.send(bytes, to: client)
            connection.count(sent: bytes.readableBytes)
        } catch {
            // Lost: the client has no route any more, or its link is full.
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO would go on to read after this one; anything else closes the channel.
        if let error = error as? IOError, error.errnoCode == ECONNREFUSED { return refused() }
        connection.end("error")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ConnectionDrainEvent else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        timer?.cancel()
        scheduleTimer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("closed")
        context.fireChannelInactive()
    }

    /// Nobody listens at the destination, which may change: the next datagram begins another session.
    private func refused() {
        let error = IOError(errnoCode: ECONNREFUSED, reason: "send")
        failures.record(error, to: settings.forward.to.value, for: connection)
        end("refused")
    }

    // MARK: - Beginning and end

    /// Opens the socket to the destination, in a task of the service.
    func dial() {
        let eventLoop = service.socket.channel.eventLoop
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        do {
            _ = try service.tasks.submit("dial for session \(connection.id)") {
                try await withTaskCancellationHandler {
                    _ = try await eventLoop.flatSubmit { session.value.connect() }.get()
                } onCancel: {
                    eventLoop.execute { session.value.cut() }
                }
            }
        } catch {
            fail(error)
        }
    }

    private func connect() -> EventLoopFuture<any Channel> {
        let eventLoop = service.socket.channel.eventLoop
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        let connecting: EventLoopFuture<any Channel>
        switch settings.forward.to.value {
        case .unix:
            connecting = eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        case .host(let host, let port):
            let limit = settings.forward.connectTimeout
            let lookup = NameLookup.addresses(of: Authority(host: host, port: port), within: limit, on: eventLoop)
            connecting = lookup.assumeIsolated().flatMap { session.value.connect(to: $0[...]) }.nonisolated()
        }
        connecting.whenComplete { result in
            switch result {
            case .success(let channel): session.value.join(channel)
            case .failure(let error): session.value.fail(error)
            }
        }
        return connecting
    }

    /// Connects to the first address to which there is a route.
    private func connect(to addresses: ArraySlice<SocketAddress>) -> EventLoopFuture<any Channel> {
        let eventLoop = service.socket.channel.eventLoop
        guard let first = addresses.first else { return eventLoop.makeFailedFuture(BridgeFailure.nameNotResolved) }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        let buffer = FixedSizeRecvByteBufferAllocator(capacity: DatagramSocket.readBuffer)
        let connecting = DatagramBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.recvAllocator, value: buffer)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try session.value.prepare(channel) }
            }
            .connect(to: first)
        return connecting.flatMapError { error in
            let rest = addresses.dropFirst()
            guard !rest.isEmpty else { return eventLoop.makeFailedFuture(error) }
            return session.value.connect(to: rest)
        }
    }

    /// From here on the session's slot covers `channel`; forcing the session closes it.
    private func prepare(_ channel: any Channel) throws {
        connection.adopt(channel)
        guard case .dialling = state else { throw CancellationError() }
        try channel.prepareForRelay()
    }

    private func join(_ channel: any Channel) {
        guard case .dialling(var waiting) = state else { return channel.close(promise: nil) }
        do {
            let upstream = try DatagramSocket(channel)
            try channel.pipeline.syncOperations.addHandler(self)
            state = .open(upstream)
            connection.letGo()
            try channel.syncOptions?.setOption(.autoRead, value: true)
            isDraining = service.sessions.isDraining
            scheduleTimer()
            for bytes in waiting.takeAll() where !send(bytes, to: upstream) { return }
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: any Error) {
        guard !(error is CancellationError), !connection.isForced else { return cut() }
        failures.record(error, to: settings.forward.to.value, for: connection)
        end("dial")
    }

    /// The service has no time left for it.
    private func cut() {
        end("cut")
    }

    private func end(_ cause: String) {
        timer?.cancel()
        timer = nil
        connection.end(cause)
        let last = state
        state = .ended
        ended()
        ended = {}
        connection.letGo()
        if case .open(let upstream) = last { upstream.channel.close(promise: nil) }
    }

    /// One timer, which looks at the time of the last datagram when it fires: a datagram costs no scheduling.
    private func scheduleTimer() {
        let deadline = lastDatagram + silence
        timer = service.socket.channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard NIODeadline.now() >= self.lastDatagram + self.silence else { return self.scheduleTimer() }
            self.end(self.isDraining ? "drain" : "idle")
        }
    }

    /// How long both sides may be silent.
    private var silence: TimeAmount {
        let idle = settings.limits.idle ?? Self.defaultIdle
        guard isDraining else { return idle }
        return min(idle, wasAnswered ? Self.quietAfterAnswer : Self.quietBeforeAnswer)
    }
}
