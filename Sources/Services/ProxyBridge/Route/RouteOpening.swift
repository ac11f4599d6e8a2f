import NIOCore
import ServiceConfiguration
import Sockets
import Supervision

/// Opens one connection that leads where a request wants to: dial, TLS, then whatever must be said first.
///
/// To be used on one event loop; it can be cancelled at any time.
final class RouteOpening: UpstreamLink.Receiver {
    /// Who wants the connection.
    struct Owner {
        /// The pool of which the opening is a task.
        let tasks: TaskPool
        /// Answers for every channel that is made, from before it connects.
        let adopt: (any Channel) -> Void
        /// Where the connection must not lead; nil: there is no client that could ask again.
        let passage: Passage?
        /// Limits the proxy's answer; the owner calls `timedOut` when it expires.
        let timer: LazyTimer
        let eventLoop: any EventLoop
        /// Knows which credentials must not be shown now.
        let refused: RefusedCredentials
        /// Shows the credential all the same: somebody waits to hear whether it is taken by now.
        var insists = false
    }

    private enum Step {
        case created
        case resolving
        case dialling(Dial)
        case securing(TLSHandshake)
        case speaking(UpstreamLink, Dialogue)
        case over
    }

    private let way: Way
    /// With the credential that is shown.
    private let upstream: UpstreamRoute
    /// The proxy has had the chance to refuse.
    var hasDialogue: Bool { way.dialogue != nil }
    private let timeouts: BridgeTimeouts
    private let owner: Owner
    private var step = Step.created
    private var dialogue: Dialogue?
    private var establishment: Establishment?
    private var completed: ((Result<UpstreamLink, BridgeFailure>) -> Void)?
    /// The next hop is there, with TLS if that is wanted.
    private(set) var isReached = false
    /// When and how it went so far.
    private(set) var facts = OpeningFacts()

    init(_ way: Way, of snapshot: RouteSnapshot, for owner: Owner) {
        self.way = way
        upstream = snapshot.upstream
        dialogue = way.dialogue
        timeouts = snapshot.timeouts
        self.owner = owner
    }

    /// Calls `completed` once, unless the opening is cancelled first.
    ///
    /// The link leads to the end of the way; what its input holds comes from there.
    func start(_ completed: @escaping (Result<UpstreamLink, BridgeFailure>) -> Void) {
        self.completed = completed
        do {
            establishment = try Establishment(
                in: owner.tasks,
                limit: timeouts.establishment,
                on: owner.eventLoop,
                expired: { [weak self] in self?.expired() }
            )
        } catch {
            return fail(.draining)
        }
        if way.security == .unavailable { return fail(.internal) }
        guard let name = way.resolved else { return dial() }
        step = .resolving
        NameLookup.addresses(of: name, under: way.policy, within: timeouts.dns, on: owner.eventLoop).assumeIsolated()
            .whenComplete { self.resolved($0) }
    }

    private func dial() {
        let dial = Dial(
            to: way.nextHop,
            under: way.leadsToOrigin ? way.policy : nil,
            timeouts: timeouts,
            adopt: owner.adopt,
            on: owner.eventLoop
        )
        step = .dialling(dial)
        dial.start { result in
            switch result {
            case .success(let link): self.connected(link)
            case .failure(let failure): self.fail(failure)
            }
        }
    }

    /// The dialogue names the first address that clients may reach: a proxy cannot be asked for a race.
    private func resolved(_ result: Result<[SocketAddress], any Error>) {
        guard case .resolving = step else { return }
        switch result {
        case .success(let addresses):
            guard let address = addresses.lazy.compactMap(\.host).first else { return fail(.originNotResolved) }
            dialogue?.resolve(to: address)
            dial()
        case .failure(BridgeFailure.nameNotResolved): fail(.originNotResolved)
        case .failure(BridgeFailure.nameTimeout): fail(.originTimeout)
        case .failure(let error): fail(error as? BridgeFailure ?? .internal)
        }
    }

    /// Lets go of everything, because its client has gone; nothing is told any more.
    ///
    /// A proxy that has been asked already gets a reset: its answer is of no use to anybody.
    func cancel() {
        completed = nil
        if case .speaking(let link, _) = step { link.reset() }
        release()
    }

    /// The owner's timer has expired.
    func timedOut() {
        fail(.replyTimeout)
    }

    /// The time for everything is over: what failed is what was awaited, whose own limit may be as long.
    private func expired() {
        switch step {
        case .created, .over: break
        case .resolving: fail(.originTimeout)
        case .dialling(let dial): fail(dial.isLookingUp ? .nameTimeout : .connectTimeout)
        case .securing: fail(.tlsTimeout)
        case .speaking: fail(.replyTimeout)
        }
    }

    private func connected(_ link: UpstreamLink) {
        facts.markDialled()
        if let passage = owner.passage, !passage.admit(link.channel) { return fail(.loop, closing: link) }
        guard case .tls(let route) = way.security else { return speak(link) }
        let handshake = TLSHandshake(on: link, route)
        step = .securing(handshake)
        handshake.start(within: timeouts.tls) { result in
            switch result {
            case .success(let link):
                self.facts.markSecured()
                self.speak(link)
            case .failure(let failure):
                self.step = .over
                self.fail(failure)
            }
        }
    }

    private func speak(_ link: UpstreamLink) {
        isReached = true
        if way.beginsWithCredential, let refusal = refusal() {
            step = .over
            return fail(refusal, closing: link)
        }
        guard let dialogue else { return finish(link) }
        step = .speaking(link, dialogue)
        link.serve(self)
        owner.timer.arm(after: timeouts.reply)
        link.sendHead(dialogue.begin())
        link.flush()
        if link.isFinished { upstreamChanged(link) } else { link.read() }
    }

    /// Asks whether the credential may be shown at once: while this was dialling others may have been refused.
    private func refusal() -> BridgeFailure? {
        guard !owner.insists else { return nil }
        return owner.refused.refusal(beforeShowing: upstream).map { .authenticationLatched($0) }
    }

    // MARK: - The dialogue

    func upstreamWritable(_ link: UpstreamLink) {}

    func upstreamChanged(_ link: UpstreamLink) {
        guard case .speaking(_, var dialogue) = step else { return }
        if link.input.readableBytes > 0 { facts.markFirstByte() }
        do throws(BridgeFailure) {
            answers: while true {
                switch try dialogue.take(&link.input) {
                case .open: return finish(link)
                case .says(let bytes): say(bytes, to: link)
                case .shows(let bytes):
                    if let refusal = refusal() { throw refusal }
                    say(bytes, to: link)
                case .waits: break answers
                }
            }
        } catch {
            if let head = dialogue.refusal {
                facts.diagnostics = UpstreamDiagnostics(head, hiding: upstream.credential)
            }
            return fail(error)
        }
        step = .speaking(link, dialogue)
        if link.isFinished { fail(link.failure) } else { link.read() }
    }

    private func say(_ bytes: ByteBuffer, to link: UpstreamLink) {
        link.send(bytes)
        link.flush()
    }

    // MARK: - Ends

    private func finish(_ link: UpstreamLink) {
        if way.dialogue != nil { facts.markReplied() }
        step = .over
        owner.timer.disarm()
        establishment?.finish()
        let completed = completed.take()
        completed?(.success(link))
    }

    private func fail(_ failure: BridgeFailure, closing link: UpstreamLink? = nil) {
        let completed = completed.take()
        link?.close()
        release()
        completed?(.failure(failure))
    }

    private func release() {
        switch step {
        case .over, .created, .resolving: break
        case .dialling(let dial): dial.cancel()
        case .securing(let handshake): handshake.cancel()
        case .speaking(let link, _): link.close()
        }
        step = .over
        owner.timer.disarm()
        establishment?.finish()
    }
}
