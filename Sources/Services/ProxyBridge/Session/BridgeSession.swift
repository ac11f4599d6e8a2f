import NIOCore
import ServiceConfiguration
import Sockets

/// One client connection of a bridge, request after request; on its event loop only.
///
/// The session reads heads, answers failures and ends the connection. What a request needs beyond that is a role of
/// its own: `TunnelOpening` for CONNECT, `PlainExchange` for all others.
final class BridgeSession {
    /// Where the connection stands.
    enum State {
        case readingHead(RequestHeadReader)
        case opening(TunnelOpening)
        case exchanging(PlainExchange)
        /// The relay has the channel.
        case tunnel
        /// The last response is being written; then the client has a moment to read it and to close.
        case finishing
        case lingering(read: Int)
        case closed
    }

    let context: BridgeContext
    let connection: Connection
    let channel: any Channel
    private(set) var state: State
    /// Received and not consumed.
    var input = ByteBuffer()
    /// The client will send nothing more.
    private(set) var isInputFinished = false
    /// The service stops: no further request on this connection.
    private(set) var isDraining = false
    /// The upstream connection of the last request, kept for the next.
    var idleLink: UpstreamLink?
    var idleKey: UpstreamKey?
    let timer: LazyTimer
    let stallTimer: LazyTimer
    private var isReading = false
    /// The pipeline owns it, and it owns the session.
    private weak var handler: ClientHandler?

    init(_ channel: any Channel, connection: Connection, context: BridgeContext) {
        self.channel = channel
        self.connection = connection
        self.context = context
        state = .readingHead(RequestHeadReader())
        timer = LazyTimer(channel.eventLoop)
        stallTimer = LazyTimer(channel.eventLoop)
    }

    func install() throws {
        let handler = ClientHandler(self)
        self.handler = handler
        timer.expired = { [weak self] in self?.timedOut() }
        stallTimer.expired = { [weak self] in self?.stalled() }
        switch channel.localAddress {
        case .v4, .v6:
            for option in StreamOptions.all { try channel.syncOptions?.setOption(option.0, value: option.1) }
        case .unixDomainSocket, nil: break
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    // MARK: - Events of the client's channel

    func begin() {
        timer.arm(after: context.routes.current.timeouts.firstByte)
        read()
    }

    func received(_ bytes: ByteBuffer) {
        var bytes = bytes
        if case .lingering(let read) = state {
            state = .lingering(read: read + bytes.readableBytes)
            return
        }
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    }

    func readCompleted() {
        isReading = false
        switch state {
        case .readingHead: readHead()
        case .opening(let opening): opening.clientSent()
        case .exchanging(let exchange): exchange.clientSent()
        case .lingering(let read): if read <= HeadLimits.lingerBytes { self.read() } else { close() }
        case .tunnel, .finishing, .closed: break
        }
    }

    func inputFinished() {
        guard !isInputFinished else { return }
        isInputFinished = true
        switch state {
        case .readingHead: readHead()
        case .lingering: close()
        case .exchanging(let exchange): exchange.clientSent()
        case .opening(let opening): opening.clientFinished()
        case .tunnel, .finishing, .closed: break
        }
    }

    func writable() {
        guard case .exchanging(let exchange) = state else { return }
        stallTimer.disarm()
        exchange.clientWritable()
    }

    func drain() {
        isDraining = true
        guard case .readingHead(let reader) = state, !reader.hasBegun, input.readableBytes == 0 else { return }
        // A slow client may not have taken all of its last response yet.
        if channel.bufferedBytes > 0 { finish() } else { close() }
    }

    func closed() {
        let last = state
        isInputFinished = true
        end()
        switch last {
        case .opening(let opening): opening.abandon()
        case .exchanging(let exchange): exchange.abandon()
        case .readingHead, .tunnel, .finishing, .lingering, .closed: break
        }
    }

    private func timedOut() {
        switch state {
        case .readingHead(let reader):
            if reader.hasBegun { refuse(.headTimeout, reader) } else { close() }
        case .opening(let opening): opening.timedOut()
        case .exchanging(let exchange): exchange.timedOut()
        case .lingering: close()
        case .finishing: reset()
        case .tunnel, .closed: break
        }
    }

    private func stalled() {
        switch state {
        case .exchanging(let exchange): exchange.stalled()
        case .readingHead, .opening, .tunnel, .finishing, .lingering, .closed: reset()
        }
    }

    // MARK: - Request after request

    /// Asks the kernel for more of the client's bytes.
    func read() {
        guard !isReading, !isInputFinished else { return }
        isReading = true
        channel.read()
    }

    /// Waits for the next request on this connection.
    func nextRequest() {
        timer.disarm()
        stallTimer.disarm()
        state = .readingHead(RequestHeadReader())
        if isDraining || (isInputFinished && input.readableBytes == 0) { return finish() }
        timer.arm(after: context.routes.current.timeouts.keepAlive)
        // A pipelined request is served in a new turn, so that many of them need no deep stack.
        channel.eventLoop.assumeIsolated().execute {
            if case .readingHead(let reader) = self.state, !reader.hasBegun { self.readHead() }
        }
    }

    private func readHead() {
        guard case .readingHead(var reader) = state else { return }
        let hadBegun = reader.hasBegun
        let available = input.readableBytes
        do throws(RequestProblem) {
            let head = try reader.read(&input)
            connection.count(received: available - input.readableBytes)
            if let head { return start(head) }
        } catch {
            return refuse(error, reader)
        }
        if !hadBegun, reader.hasBegun { timer.arm(after: context.routes.current.timeouts.requestHead) }
        state = .readingHead(reader)
        if isInputFinished { finish() } else { read() }
    }

    private func start(_ head: RequestHead) {
        timer.disarm()
        let snapshot = context.routes.current
        let record = RequestRecord(connection: connection.id, request: head, snapshot: snapshot)
        switch head.target {
        case .tunnel(let authority):
            let opening = TunnelOpening(to: authority, snapshot: snapshot, record: record, session: self)
            state = .opening(opening)
            opening.start()
        case .resource(_, let path):
            let exchange = PlainExchange(head, path: path, snapshot: snapshot, record: record, session: self)
            state = .exchanging(exchange)
            exchange.start()
        }
    }

    // MARK: - Ends

    /// Answers a request that was not understood.
    private func refuse(_ problem: RequestProblem, _ reader: RequestHeadReader) {
        let generation = context.routes.current.generation
        let record = RequestRecord(connection: connection.id, refused: reader, generation: generation)
        fail(.request(problem), record: record)
    }

    /// Answers with a failure and ends the connection.
    func fail(_ failure: BridgeFailure, record: RequestRecord) {
        var record = record
        record.status = failure.status
        record.error = failure.word
        record.received = failure.receivedStatus
        record.socks = failure.socksDetails
        let bytes = FailureResponse.bytes(for: failure, bridge: context.name, toHead: record.method == "HEAD")
        record.down += UInt64(bytes?.count ?? 0)
        if case .request(let problem) = failure, problem.status == nil {
            context.note(problem, connection: connection.id)
        }
        record.log(to: context.log, bridge: context.name, cause: "failed")
        guard let bytes else { return close() }
        connection.count(sent: bytes.count)
        channel.write(ByteBuffer(bytes: bytes), promise: nil)
        finish()
    }

    /// Writes what is left, tells the client that it was all, and gives it a moment to close first.
    ///
    /// Closing at once while its bytes are still coming would reset the connection and take the response with it.
    func finish() {
        dropIdleLink()
        state = .finishing
        timer.disarm()
        stallTimer.arm(after: context.routes.current.timeouts.writeStall)
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { result in
            guard case .finishing = self.state else { return }
            guard case .success = result, !self.isInputFinished else { return self.close() }
            self.linger()
        }
    }

    /// How long a client may take to close after its last response.
    private static let lingerTime = Duration.seconds(1)

    private func linger() {
        stallTimer.disarm()
        state = .lingering(read: input.readableBytes)
        input.clear()
        timer.arm(after: BridgeSession.lingerTime)
        // When shutting down fails the channel is closing already.
        channel.close(mode: .output, promise: nil)
        read()
    }

    func close() {
        end()
        channel.close(promise: nil)
    }

    /// Closes so that the client sees a cut response as cut.
    func reset() {
        end()
        channel.reset()
    }

    private func end() {
        state = .closed
        timer.stop()
        stallTimer.stop()
        dropIdleLink()
    }

    func dropIdleLink() {
        idleLink?.close()
        idleLink = nil
        idleKey = nil
    }

    /// Takes the session's handler out: the relay is next.
    func leave() -> EventLoopFuture<Void> {
        state = .tunnel
        timer.stop()
        stallTimer.stop()
        dropIdleLink()
        guard let handler else { return channel.eventLoop.makeSucceededVoidFuture() }
        self.handler = nil
        return channel.pipeline.syncOperations.removeHandler(handler)
    }
}
