import NIOCore
import ServiceConfiguration
import Sockets

/// Opens the tunnel of one CONNECT: dial, ask the upstream, then hand both channels to the relay.
///
/// Nothing is told to the client and none of its bytes is sent before the upstream has agreed.
final class TunnelOpening: UpstreamLink.Receiver {
    private enum Step {
        case created
        case dialling(Dial)
        case asking(UpstreamLink, ResponseHeadReader)
        case over
    }

    private let authority: Authority
    private let snapshot: RouteSnapshot
    private var record: RequestRecord
    private let session: BridgeSession
    private var step = Step.created
    private var establishment: Establishment?

    init(to authority: Authority, snapshot: RouteSnapshot, record: RequestRecord, session: BridgeSession) {
        self.authority = authority
        self.snapshot = snapshot
        self.record = record
        self.session = session
    }

    func start() {
        session.dropIdleLink()
        if session.isDraining { return fail(.draining) }
        if snapshot.proxy != nil, let status = session.context.routes.refusal(for: snapshot) {
            return fail(.authenticationLatched(received: status))
        }
        do {
            establishment = try Establishment(
                in: session.context.tasks,
                limit: snapshot.timeouts.establishment,
                on: session.channel.eventLoop,
                expired: { [weak self] in self?.fail(.establishmentTimeout) }
            )
        } catch {
            return fail(.draining)
        }
        let dial = Dial(
            to: snapshot.nextHop(for: authority),
            timeouts: snapshot.timeouts,
            for: session.connection,
            on: session.channel.eventLoop
        )
        step = .dialling(dial)
        dial.start { result in
            switch result {
            case .success(let link): self.connected(link)
            case .failure(let failure): self.fail(failure)
            }
        }
        clientSent()
    }

    private func connected(_ link: UpstreamLink) {
        record.markDialled()
        link.serve(self)
        step = .asking(link, ResponseHeadReader())
        if link.channel.leadsBack(to: session.channel) { return fail(.loop) }
        guard snapshot.proxy != nil else { return open(link) }
        link.send(HeadWriter.tunnelRequest(to: authority, credential: snapshot.credential))
        link.flush()
        session.timer.arm(after: snapshot.timeouts.reply)
        if link.isFinished { upstreamChanged(link) } else { link.read() }
    }

    // MARK: - Events

    /// Early bytes are held, up to a limit; then the client has to wait.
    func clientSent() {
        if session.input.readableBytes < HeadLimits.earlyBytes { session.read() }
    }

    /// The client has finished sending, which looks the same when it has closed its connection.
    ///
    /// With bytes for the tunnel before it, the end is for the other side of the tunnel, and the client waits for an
    /// answer. Without any, there is nothing to open a tunnel for.
    func clientFinished() {
        guard session.input.readableBytes == 0 else { return }
        abandon()
        session.close()
    }

    /// The client has gone.
    func abandon() {
        guard release() else { return }
        record.log(to: session.context.log, bridge: session.context.name, cause: "client_aborted")
    }

    func timedOut() {
        fail(.replyTimeout)
    }

    func upstreamWritable(_ link: UpstreamLink) {}

    func upstreamChanged(_ link: UpstreamLink) {
        guard case .asking(_, var reader) = step else { return }
        do throws(ResponseProblem) {
            while let head = try reader.read(&link.input) {
                record.markFirstByte()
                if head.isInformational, head.status != 101 { continue }
                return answered(head, link)
            }
        } catch {
            return fail(.reply(error))
        }
        step = .asking(link, reader)
        if link.isFinished { fail(.terminated) } else { link.read() }
    }

    private func answered(_ head: ResponseHead, _ link: UpstreamLink) {
        if head.status / 100 != 2 { record.keepDiagnostics(of: head) }
        switch head.status {
        case 200..<300:
            session.context.routes.record(refused: nil, for: snapshot)
            open(link)
        case 401, 407:
            session.context.recordRefusal(status: head.status, of: snapshot)
            fail(.authentication(received: head.status))
        default:
            fail(.tunnelRefused(received: head.status))
        }
    }

    // MARK: - Ends

    private static let established = ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")

    private func open(_ link: UpstreamLink) {
        step = .over
        establishment?.finish()
        record.status = 200
        session.channel.write(TunnelOpening.established, promise: nil)
        session.channel.flush()
        let early = EarlyInput(bytes: session.input, isFinished: session.isInputFinished)
        let banner = EarlyInput(bytes: link.input, isFinished: link.isFinished)
        let connection = session.connection
        let before = (received: connection.received, sent: connection.sent)
        connection.count(sent: TunnelOpening.established.readableBytes)
        // Both handlers are gone when this returns: the channels' event loop is the current one.
        let removed = session.becomeTunnel().and(link.detach())
        let joined = removed.assumeIsolated().flatMapThrowing { _ in
            try Relay.join(
                client: self.session.channel,
                upstream: link.channel,
                connection: connection,
                limits: RelayLimits(self.snapshot),
                fromClient: early,
                fromUpstream: banner
            )
        }
        joined.whenFailure { _ in
            self.session.channel.reset()
            link.channel.reset()
        }
        joined.nonisolated().flatMap { $0 }.assumeIsolated().whenComplete { result in
            self.record.up = connection.received - before.received
            self.record.down = connection.sent - before.sent
            let cause =
                switch result {
                case .success(let cause): cause.rawValue
                case .failure: Relay.Cause.reset.rawValue
                }
            self.record.log(to: self.session.context.log, bridge: self.session.context.name, cause: cause)
        }
    }

    private func fail(_ failure: BridgeFailure) {
        guard release() else { return }
        session.fail(failure, record: record)
    }

    /// Lets go of the upstream.
    ///
    /// - Returns: False when that has happened before: nothing is left to say.
    private func release() -> Bool {
        switch step {
        case .over: return false
        case .created: break
        case .dialling(let dial): dial.cancel()
        case .asking(let link, _): link.close()
        }
        step = .over
        establishment?.finish()
        return true
    }
}

extension RelayLimits {
    init(_ snapshot: RouteSnapshot) {
        func limit(_ duration: Duration) -> TimeAmount? { .zero < duration ? TimeAmount(duration) : nil }
        self.init(
            idle: limit(snapshot.idle),
            halfClose: limit(snapshot.timeouts.halfClose),
            writeStall: limit(snapshot.timeouts.writeStall)
        )
    }
}
