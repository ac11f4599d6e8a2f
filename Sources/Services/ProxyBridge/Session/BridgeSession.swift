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
        /// A SOCKS client has not said everything yet.
        case negotiating(SOCKSClientReader)
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
    var state: State
    var clientProtocol = ClientProtocol.http
    /// This is not the first request.
    private var hasServed = false
    var hasNotedUnauthenticated = false
    /// Received and not consumed.
    var input = ByteBuffer()
    /// The client will send nothing more.
    private(set) var isInputFinished = false
    /// What the connections of this client must not lead to; first asked for by a request.
    private(set) lazy var passage = Passage(of: channel, through: context)
    /// The service stops: no further request on this connection.
    private(set) var isDraining = false
    /// The upstream connections of this event loop that rest.
    let links: LinkPool?
    let timer: LazyTimer
    let stallTimer: LazyTimer
    /// Limits what goes on over an upstream that is not the bridge's any more.
    let swapTimer: LazyTimer
    private var isReading = false
    /// The pipeline owns it, and it owns the session.
    private weak var handler: ClientHandler?

    init(_ channel: any Channel, connection: Connection, context: BridgeContext) {
        self.channel = channel
        self.connection = connection
        self.context = context
        links = context.links.pool(on: channel.eventLoop)
        state = .readingHead(RequestHeadReader())
        timer = LazyTimer(channel.eventLoop)
        stallTimer = LazyTimer(channel.eventLoop)
        swapTimer = LazyTimer(channel.eventLoop)
    }

    func install() throws {
        let handler = ClientHandler(self)
        self.handler = handler
        timer.expired = { [weak self] in self?.timedOut() }
        stallTimer.expired = { [weak self] in self?.stalled() }
        swapTimer.expired = { [weak self] in self?.swapExpired() }
        switch channel.localAddress {
        case .v4, .v6:
            for option in StreamOptions.all { try channel.syncOptions?.setOption(option.0, value: option.1) }
        case .unixDomainSocket, nil: break
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    // MARK: - Events of the client's channel

    func begin() {
        let limit = context.routes.current.timeouts.firstByte
        timer.arm(after: connection.isOverLimit ? min(limit, context.refusalTime) : limit)
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
        case .negotiating(let reader): negotiate(reader)
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
        case .negotiating(let reader): negotiate(reader)
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
        case .readingHead, .negotiating, .tunnel, .finishing, .lingering, .closed: break
        }
    }

    private func timedOut() {
        switch state {
        case .readingHead(let reader):
            if reader.hasBegun { refuse(.headTimeout, reader) } else { close() }
        case .negotiating: refuseNegotiation(.request(.headTimeout))
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
        case .readingHead, .negotiating, .opening, .tunnel, .finishing, .lingering, .closed: reset()
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
        swapTimer.disarm()
        hasServed = true
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
        if !hadBegun, !hasServed, input.readableBytesView.first == SOCKSClientReader.version {
            return beginNegotiation()
        }
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
        if connection.isOverLimit { return fail(.connectionLimit, record: record, on: snapshot) }
        if snapshot.authentication?.admits(head.fields) == false {
            return challenge(head, record: record, snapshot: snapshot)
        }
        if head.maxForwards == 0 { return answerOptions(head, record: record) }
        let target = head.target.authority
        let refusal =
            isLoop(head, snapshot: snapshot)
            ? .loop : refusal(of: target, asTunnel: head.target.isTunnel, snapshot: snapshot)
        if let refusal { return fail(refusal, record: record, on: snapshot) }
        switch head.target {
        case .tunnel: openTunnel(to: target, snapshot: snapshot, record: record)
        case .resource(_, let path):
            let (snapshot, record) = firstAttempt(snapshot, record)
            let exchange = PlainExchange(head, path: path, snapshot: snapshot, record: record, session: self)
            state = .exchanging(exchange)
            exchange.start()
        }
    }

    // MARK: - Another route

    /// The bridge has another upstream or credential: what has not got anywhere yet takes the new way.
    func swap(_ swap: RouteSwap) {
        switch state {
        case .opening(let opening):
            if swap.replaces(opening.snapshot), !isDraining { move(opening, to: context.routes.current) }
        case .exchanging(let exchange):
            if swap.replaces(exchange.snapshot), exchange.isOpening, !isDraining {
                return move(exchange, to: context.routes.current)
            }
            switch swap.retirement(of: exchange.snapshot) {
            case .none: swapTimer.disarm()
            case .drain(let limit): if !swapTimer.isArmed { swapTimer.arm(after: Duration(limit)) }
            case .cut: exchange.cut("cut")
            }
        case .readingHead, .negotiating, .tunnel, .finishing, .lingering, .closed: break
        }
    }

    private func swapExpired() {
        guard case .exchanging(let exchange) = state else { return }
        exchange.cut("cut")
    }

    /// Starts the request again on another way: nothing of it has been sent.
    func move(_ opening: TunnelOpening, to snapshot: RouteSnapshot) {
        guard var record = opening.yield() else { return }
        record.move(to: snapshot)
        let next = TunnelOpening(to: opening.authority, snapshot: snapshot, record: record, session: self)
        state = .opening(next)
        next.start()
    }

    /// Starts the request again on another way: nothing of it has been sent.
    func move(_ exchange: PlainExchange, to snapshot: RouteSnapshot) {
        guard var record = exchange.yield() else { return }
        record.move(to: snapshot)
        let next = PlainExchange(
            exchange.request,
            path: exchange.path,
            snapshot: snapshot,
            record: record,
            session: self
        )
        state = .exchanging(next)
        next.start()
    }

    func openTunnel(to target: Authority, snapshot: RouteSnapshot, record: RequestRecord) {
        let (snapshot, record) = firstAttempt(snapshot, record)
        let opening = TunnelOpening(to: target, snapshot: snapshot, record: record, session: self)
        state = .opening(opening)
        opening.start()
    }

    /// The way on which a request that is admitted begins.
    private func firstAttempt(_ own: RouteSnapshot, _ record: RequestRecord) -> (RouteSnapshot, RequestRecord) {
        let first = context.firstRoute(of: own)
        guard first.attempt == .detour else { return (own, record) }
        var record = record
        record.move(to: first)
        return (first, record)
    }

    // MARK: - Ends

    /// Answers a request that was not understood.
    private func refuse(_ problem: RequestProblem, _ reader: RequestHeadReader) {
        let snapshot = context.routes.current
        let record = RequestRecord(connection: connection.id, refused: reader, generation: snapshot.generation)
        fail(.request(problem), record: record, on: snapshot)
    }

    /// Answers with a failure and ends the connection.
    ///
    /// - Parameters:
    ///   - failure: What has failed.
    ///   - record: Is logged.
    ///   - snapshot: The route of the request.
    ///   - hop: Who has failed, unless it is the one that the route connects to.
    func fail(_ failure: BridgeFailure, record: RequestRecord, on snapshot: RouteSnapshot, at hop: NextHop? = nil) {
        var record = record
        let style = snapshot.errorStyle
        record.note(failure, style: style)
        if failure == .clientAuthentication { noteUnauthenticated() }
        let toHead = record.method == "HEAD"
        let bytes = clientProtocol.answer(
            to: failure,
            at: hop ?? snapshot.nextHop,
            bridge: context.name,
            style: style,
            toHead: toHead
        )
        record.down += UInt64(bytes?.count ?? 0)
        if case .request(let problem) = failure, problem.status == nil {
            context.note(problem, connection: connection.id)
        }
        record.close(in: context, cause: "failed")
        guard let bytes else { return close() }
        connection.count(sent: bytes.count)
        channel.write(ByteBuffer(bytes: bytes), promise: nil)
        finish()
    }

    /// Writes what is left, tells the client that it was all, and gives it a moment to close first.
    ///
    /// Closing at once while its bytes are still coming would reset the connection and take the response with it.
    func finish() {
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

    /// Why a connection ended of which the client's side has closed in the middle of a request.
    var leavingCause: String { connection.isForced ? Relay.Cause.forced.rawValue : "client_aborted" }

    /// Closes so that the client sees a cut response as cut.
    func reset() {
        end()
        channel.reset()
    }

    private func end() {
        state = .closed
        timer.stop()
        stallTimer.stop()
        swapTimer.stop()
    }

    /// Takes the session's handler out: the relay is next.
    func leave() -> EventLoopFuture<Void> {
        state = .tunnel
        timer.stop()
        stallTimer.stop()
        swapTimer.stop()
        guard let handler else { return channel.eventLoop.makeSucceededVoidFuture() }
        self.handler = nil
        return channel.pipeline.syncOperations.removeHandler(handler)
    }
}
