import NIOCore
import ServiceConfiguration
import Sockets

/// Whether a client is served, and what it says before its request.
extension BridgeSession {
    // MARK: - Admission

    /// Why a request is refused although it was understood; decided before anything is looked up or dialled for it.
    func refusal(of target: Authority, asTunnel: Bool, snapshot: RouteSnapshot) -> BridgeFailure? {
        if passage.isLoop(to: target) { return .loop }
        let denial = snapshot.policy.denial(of: target, asTunnel: asTunnel, from: snapshot.reach)
        return denial.map { .prohibited($0) }
    }

    /// True when the request says that it has been through this bridge before.
    func isLoop(_ head: RequestHead, snapshot: RouteSnapshot) -> Bool {
        snapshot.addsVia && context.pseudonym.isIn(head.fields)
    }

    /// Asks for the credential that the request lacks.
    ///
    /// The client may try again on the same connection when the body of its request is out of the way.
    func challenge(_ head: RequestHead, record: RequestRecord, snapshot: RouteSnapshot) {
        let style = snapshot.errorStyle
        guard isRepeatable(head) else { return fail(.clientAuthentication, record: record, on: snapshot) }
        noteUnauthenticated()
        var record = record
        record.note(.clientAuthentication, style: style)
        let bytes = FailureResponse.bytes(
            for: .clientAuthentication,
            at: snapshot.nextHop,
            bridge: context.name,
            toHead: head.method == "HEAD",
            style: style,
            closes: false
        )
        guard let bytes else { return close() }
        record.down += UInt64(bytes.count)
        record.close(in: context, cause: "failed")
        say(bytes)
        nextRequest()
    }

    /// Answers a request that may be forwarded no further (RFC 9110 7.6.2).
    func answerOptions(_ head: RequestHead, record: RequestRecord) {
        var record = record
        let staysOpen = isRepeatable(head)
        let bytes = FailureResponse.options(closes: !staysOpen)
        record.status = 200
        record.down += UInt64(bytes.count)
        record.close(in: context, cause: "complete")
        say(bytes)
        if staysOpen { nextRequest() } else { finish() }
    }

    /// Consumes the body as far as it has come.
    private func isRepeatable(_ head: RequestHead) -> Bool {
        // A client that does not read must not make the bridge pile up answers.
        guard case .resource = head.target, head.minorVersion == 1, head.keepsAlive, channel.isWritable else {
            return false
        }
        let available = input.readableBytes
        defer { connection.count(received: available - input.readableBytes) }
        var body = BodyReader(head.framing)
        do { while try body.next(&input) != nil {} } catch { return false }
        return body.isDone
    }

    /// Logs once for each connection that its client has not authenticated; never with what.
    func noteUnauthenticated() {
        guard !hasNotedUnauthenticated else { return }
        hasNotedUnauthenticated = true
        context.noteUnauthenticated(connection)
    }

    // MARK: - SOCKS

    /// The first byte is the version of SOCKS.
    func beginNegotiation() {
        clientProtocol = .socks5
        timer.arm(after: context.routes.current.timeouts.requestHead)
        negotiate(SOCKSClientReader(context.routes.current.authentication))
    }

    func negotiate(_ reader: SOCKSClientReader) {
        var reader = reader
        let available = input.readableBytes
        let progress: Result<Authority?, BridgeFailure>
        do throws(BridgeFailure) {
            progress = .success(try talk(&reader))
        } catch {
            progress = .failure(error)
        }
        connection.count(received: available - input.readableBytes)
        switch progress {
        case .success(nil):
            state = .negotiating(reader)
            if isInputFinished { finish() } else { read() }
        case .success(let target?): ask(for: target)
        case .failure(let failure): refuseNegotiation(failure)
        }
    }

    /// Answers as long as there is something to answer.
    ///
    /// - Returns: What the client asks for; nil: it has not yet.
    private func talk(_ reader: inout SOCKSClientReader) throws(BridgeFailure) -> Authority? {
        while true {
            switch try reader.read(&input) {
            case .waits: return nil
            case .asks(let target): return target
            case .says(let bytes): say(bytes)
            }
        }
    }

    /// A failed write closes the channel, which the session sees.
    private func say(_ bytes: [UInt8]) {
        connection.count(sent: bytes.count)
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    private func ask(for target: Authority) {
        timer.disarm()
        let snapshot = context.routes.current
        let record = RequestRecord(connection: connection.id, tunnelTo: target, snapshot: snapshot)
        let refusal =
            connection.isOverLimit ? .connectionLimit : refusal(of: target, asTunnel: true, snapshot: snapshot)
        if let refusal {
            return fail(refusal, record: record, on: snapshot)
        }
        openTunnel(to: target, snapshot: snapshot, record: record)
    }

    /// Ends a connection before its client has asked for anything.
    func refuseNegotiation(_ failure: BridgeFailure) {
        let snapshot = context.routes.current
        let record = RequestRecord(connection: connection.id, tunnelTo: nil, snapshot: snapshot)
        fail(failure, record: record, on: snapshot)
    }
}
