import NIOCore
import ServiceConfiguration
import Sockets

/// Opens the tunnel that a client asked for, then hands both channels to the relay.
///
/// Nothing is told to the client and none of its bytes is sent before the other end is there.
final class TunnelOpening {
    let authority: Authority
    let snapshot: RouteSnapshot
    private var record: RequestRecord
    private let session: BridgeSession
    private let opening: RouteOpening
    private var isOver = false

    init(to authority: Authority, snapshot: RouteSnapshot, record: RequestRecord, session: BridgeSession) {
        self.authority = authority
        self.snapshot = snapshot
        self.record = record
        self.session = session
        let way = snapshot.way(toTunnel: authority)
        opening = RouteOpening(way, of: snapshot, for: session.routeOwner)
    }

    func start() {
        if session.isDraining { return fail(.draining) }
        if let refusal = session.context.refusal(for: snapshot) { return fail(refusal) }
        opening.start { result in
            let context = self.session.context
            context.learn(result, by: self.opening, of: self.snapshot)
            switch result {
            case .success(let link): self.open(link)
            case .failure(let failure):
                if let other = context.alternative(after: failure, by: self.opening, of: self.snapshot) {
                    self.session.move(self, to: other)
                } else {
                    self.fail(failure)
                }
            }
        }
        clientSent()
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

    /// Gives the request up for another attempt: neither the client nor the origin has heard of this one.
    ///
    /// - Returns: What the log knows so far; nil when the opening is over.
    func yield() -> RequestRecord? {
        release() ? record : nil
    }

    /// The client has gone.
    func abandon() {
        guard release() else { return }
        record.close(in: session.context, cause: session.leavingCause)
    }

    func timedOut() {
        opening.timedOut()
    }

    // MARK: - Ends

    private func open(_ link: UpstreamLink) {
        isOver = true
        record.take(opening.facts)
        record.status = 200
        let answer = session.clientProtocol.established
        session.becomeTunnel(over: link, telling: answer, snapshot: snapshot, record: record)
    }

    private func fail(_ failure: BridgeFailure) {
        guard release() else { return }
        session.fail(failure, record: record, on: snapshot)
    }

    /// Lets go of the upstream.
    ///
    /// - Returns: False when that has happened before: nothing is left to say.
    private func release() -> Bool {
        guard !isOver else { return false }
        isOver = true
        opening.cancel()
        record.take(opening.facts)
        return true
    }
}
