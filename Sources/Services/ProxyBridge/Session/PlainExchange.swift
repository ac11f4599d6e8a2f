import NIOCore
import ServiceConfiguration
import Sockets

/// One plain request and its response, streamed both ways with back pressure.
final class PlainExchange: UpstreamLink.Receiver {
    private enum Step {
        case created
        case opening(RouteOpening)
        case running(UpstreamLink)
        case over
    }

    let request: RequestHead
    let snapshot: RouteSnapshot
    let session: BridgeSession
    var record: RequestRecord
    var response: ResponseRelay
    let path: [UInt8]
    let way: Way
    private let key: UpstreamKey
    private var requestBody: BodyReader
    private var step = Step.created
    private var hasRetried = false
    private var isHeadTimed = false
    private var hasClientFinished = false

    init(
        _ request: RequestHead,
        path: [UInt8],
        snapshot: RouteSnapshot,
        record: RequestRecord,
        session: BridgeSession
    ) {
        self.request = request
        self.path = path
        self.snapshot = snapshot
        self.record = record
        self.session = session
        way = snapshot.way(toResourceOf: request.target.authority)
        key = UpstreamKey(snapshot, way, cameBy: session.passage.cameBy)
        requestBody = BodyReader(request.framing)
        response = ResponseRelay(request)
    }

    /// The whole request has been read.
    var isRequestDone: Bool { requestBody.isDone }

    func start() {
        if let refusal = session.context.refusal(for: snapshot) { return fail(refusal) }
        guard let link = session.links?.take(key, for: session.connection) else { return dial() }
        if way.proxy != nil, let refusal = session.context.refusal(beforeShowing: snapshot) {
            link.close()
            return fail(refusal)
        }
        connected(link)
    }

    private func dial() {
        session.timer.disarm()
        isHeadTimed = false
        let opening = RouteOpening(way, of: snapshot, for: session.routeOwner)
        step = .opening(opening)
        opening.start { result in
            self.record.take(opening.facts)
            let context = self.session.context
            context.learn(result, by: opening, of: self.snapshot)
            switch result {
            case .success(let link): self.connected(link)
            case .failure(.nameNotResolved) where self.way.leadsToOrigin: self.fail(.originNotResolved)
            case .failure(let failure):
                if let other = context.alternative(after: failure, by: opening, of: self.snapshot) {
                    self.session.move(self, to: other)
                } else {
                    self.fail(failure)
                }
            }
        }
    }

    /// The name to add to the field Via; nil: none.
    var via: ViaPseudonym? { snapshot.addsVia ? session.context.pseudonym : nil }

    private func connected(_ link: UpstreamLink) {
        step = .running(link)
        link.serve(self)
        link.sendHead(HeadWriter.request(request, path: path, toProxy: way.proxy, via: via))
        sendBody(to: link)
        guard case .running = step else { return }
        if link.isFinished { upstreamChanged(link) } else { link.read() }
    }

    // MARK: - The request's body

    func clientSent() {
        guard case .running(let link) = step else {
            // Until the upstream is there, the rest of the body waits in the kernel.
            return
        }
        sendBody(to: link)
    }

    /// Flushes last: what a flush sets off must find this exchange in order.
    private func sendBody(to link: UpstreamLink) {
        defer { link.flush() }
        guard !isRequestDone else { return watchClient() }
        let available = session.input.readableBytes
        do {
            while link.channel.isWritable, let part = try requestBody.next(&session.input) { send(part, to: link) }
        } catch {
            return response.hasSentHead ? cut("client_malformed") : fail(.request(.malformedChunk))
        }
        let consumed = available - session.input.readableBytes
        session.connection.count(received: consumed)
        record.up += UInt64(consumed)
        if isRequestDone {
            session.stallTimer.disarm()
            armTimer()
            return watchClient()
        }
        armTimer()
        // Until the upstream takes more, what has come may still hold the rest of the body.
        guard link.channel.isWritable else { return session.stallTimer.arm(after: snapshot.timeouts.writeStall) }
        if session.isInputFinished { cut("client_aborted") } else { session.read() }
    }

    /// Waits for the end of a client that has asked for all it wants; its next request waits in the kernel.
    ///
    /// A client that has finished may have left as well: the two look the same.
    private func watchClient() {
        guard session.isInputFinished else {
            if session.input.readableBytes == 0 { session.read() }
            return
        }
        guard !hasClientFinished else { return }
        hasClientFinished = true
        isHeadTimed = false
        armTimer()
    }

    private func send(_ part: BodyReader.Part, to link: UpstreamLink) {
        switch part {
        case .data(let bytes):
            guard request.framing == .chunked else { return link.send(bytes) }
            link.send(HeadWriter.chunkSize(bytes.readableBytes))
            link.send(bytes)
            link.send(HeadWriter.lineEnd)
        case .end(let trailers):
            if request.framing == .chunked {
                link.send(HeadWriter.lastChunk(trailers: trailers, nominated: HopByHop.nominated(by: request.fields)))
            }
        }
    }

    func upstreamWritable(_ link: UpstreamLink) {
        guard case .running = step, !isRequestDone else { return }
        session.stallTimer.disarm()
        sendBody(to: link)
    }

    // MARK: - The response

    func clientWritable() {
        guard case .running(let link) = step else { return }
        upstreamChanged(link)
    }

    func upstreamChanged(_ link: UpstreamLink) {
        guard case .running = step else { return }
        // Last: what a flush sets off must find this exchange in order.
        defer { session.channel.flush() }
        do throws(BridgeFailure) {
            let progress = try response.relay(link, for: self)
            // Not before: what has come may end the time of the head.
            armTimer()
            switch progress {
            case .complete: return complete(link)
            case .switched(let answer): return becomeTunnel(over: link, telling: answer)
            case .cut: return cut("upstream_truncated")
            case .waitsForUpstream: break
            case .waitsForClient:
                return session.stallTimer.arm(after: snapshot.timeouts.writeStall)
            }
        } catch {
            return fail(error)
        }
        guard link.isFinished else { return link.read() }
        // A connection that the upstream gave up while it rested has told nothing about this request.
        if link.isReused, !response.hasBegun, !hasRetried, isRepeatable { return retry(link) }
        fail(link.failure)
    }

    /// A body that has been read for the first attempt is gone.
    private var isRepeatable: Bool { request.hasNoBody || (request.isIdempotent && record.up == 0) }

    private func retry(_ link: UpstreamLink) {
        hasRetried = true
        link.close()
        requestBody = BodyReader(request.framing)
        dial()
    }

    /// The relay goes on, in whatever protocol both ends have agreed on.
    private func becomeTunnel(over link: UpstreamLink, telling answer: ByteBuffer) {
        step = .over
        session.becomeTunnel(over: link, telling: answer, snapshot: snapshot, record: record)
    }

    private func complete(_ link: UpstreamLink) {
        step = .over
        let staysOpen = !response.closes
        if isRequestDone, response.allowsReuse, let links = session.links {
            links.put(link, key, of: session.connection)
        } else {
            link.close()
        }
        record.close(in: session.context, cause: "complete")
        if staysOpen, isRequestDone { session.nextRequest() } else { session.finish() }
    }

    // MARK: - Limits and ends

    /// Nothing of the request has been sent yet, and what has come of its body waits in the session.
    var isOpening: Bool {
        switch step {
        case .created, .opening: true
        case .running, .over: false
        }
    }

    /// Gives the request up for another attempt; only while `isOpening`.
    ///
    /// - Returns: What the log knows so far; nil when the exchange is over.
    func yield() -> RequestRecord? {
        release() ? record : nil
    }

    /// The response head has its own limit, if any, once the request is sent; everything else counts as idle.
    private func armTimer() {
        let head = snapshot.timeouts.responseHead
        guard isRequestDone, !response.hasHead, .zero < head else {
            return session.timer.arm(after: silence(else: snapshot.idle))
        }
        // Once: an upstream that sends its head byte by byte gets no more time.
        guard !isHeadTimed else { return }
        isHeadTimed = true
        session.timer.arm(after: silence(else: head))
    }

    /// How long nothing may come: less, when the client that waits has finished and may have left.
    private func silence(else limit: Duration) -> Duration {
        let halfClose = snapshot.timeouts.halfClose
        guard isRequestDone, session.isInputFinished, .zero < halfClose else { return limit }
        return limit == .zero ? halfClose : min(limit, halfClose)
    }

    func timedOut() {
        if case .opening(let opening) = step { return opening.timedOut() }
        if response.hasHead { return cut(hasClientFinished ? Relay.Cause.halfCloseExpired.rawValue : "idle") }
        if case .running(let link) = step, !isRequestDone, link.channel.isWritable {
            fail(.request(.bodyTimeout))
        } else {
            fail(.responseTimeout)
        }
    }

    func stalled() {
        cut("write_stall")
    }

    /// The client's connection has closed.
    func abandon() {
        guard release() else { return }
        record.close(in: session.context, cause: session.leavingCause)
    }

    /// Ends both connections so that neither peer takes what it got for all there was.
    func cut(_ cause: String) {
        guard release() else { return }
        if cause == "upstream_truncated" { record.error = "http_response_incomplete" }
        record.close(in: session.context, cause: cause)
        session.reset()
    }

    private func fail(_ failure: BridgeFailure) {
        if response.hasSentHead { return cut("upstream_truncated") }
        // A connection that leads to the origin, over whatever proxy, has the origin at its end.
        let isAtOrigin = !isOpening && way.proxy == nil
        guard release() else { return }
        session.fail(failure, record: record, on: snapshot, at: isAtOrigin ? .destination : nil)
    }

    /// Lets go of the upstream.
    ///
    /// - Returns: False when that has happened before: nothing is left to say.
    private func release() -> Bool {
        switch step {
        case .over: return false
        case .created: break
        case .opening(let opening): opening.cancel()
        case .running(let link): if isRequestDone { link.close() } else { link.reset() }
        }
        step = .over
        return true
    }
}
