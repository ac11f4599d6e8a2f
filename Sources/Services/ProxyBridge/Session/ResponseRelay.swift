import NIOCore
import Sockets

/// The way of one response from the upstream to the client.
struct ResponseRelay {
    /// How far the response has come.
    enum Progress {
        case waitsForUpstream
        case waitsForClient
        case complete
        /// The upstream speaks the other protocol that the client has asked for, from here on.
        ///
        /// The bytes tell the client so.
        case switched(ByteBuffer)
        /// The upstream ended before the response did.
        case cut
    }

    private enum State {
        case head
        case body(BodyReader, ResponseDelivery)
        case switched
    }

    private let request: RequestHead
    private var reader = ResponseHeadReader()
    private var state = State.head
    /// What the head's Connection names: it must not come back as a trailer.
    private var nominated: Set<String> = []
    /// The head for the client, until it is known what the upstream has sent with it.
    private var pendingHead: ByteBuffer?
    /// Something has been sent to the client: a failure can no longer be told by a status.
    private(set) var hasSentHead = false
    /// The client's connection ends with this response.
    private(set) var closes = true
    /// The upstream's connection may be used again.
    private(set) var allowsReuse = false

    init(_ request: RequestHead) {
        self.request = request
    }

    /// A byte of the response has come.
    var hasBegun: Bool { reader.hasBegun }

    /// The final head has come.
    var hasHead: Bool {
        switch state {
        case .head: false
        case .body, .switched: true
        }
    }

    /// Writes on what has come, without flushing: what a flush sets off must not meet a response half-way.
    mutating func relay(_ link: UpstreamLink, for exchange: PlainExchange) throws(BridgeFailure) -> Progress {
        while case .head = state {
            guard let head = try readHead(link) else { return .waitsForUpstream }
            exchange.record.markFirstByte()
            if head.status == 101 {
                return .switched(try takeSwitch(head, for: exchange))
            }
            try take(head, for: exchange)
        }
        guard case .body(var body, let delivery) = state else { return .waitsForUpstream }
        defer { state = .body(body, delivery) }
        do {
            while exchange.session.channel.isWritable {
                let part = try body.next(&link.input)
                sendHead(exchange)
                guard let part else {
                    return link.isFinished ? end(&body, link, delivery, exchange) : .waitsForUpstream
                }
                send(part, delivery, exchange)
                if body.isDone { return .complete }
            }
            return .waitsForClient
        } catch {
            guard hasSentHead else { throw .reply(.malformedChunk) }
            return .cut
        }
    }

    private mutating func sendHead(_ exchange: PlainExchange) {
        guard let head = pendingHead.take() else { return }
        hasSentHead = true
        write(head, exchange)
    }

    private mutating func readHead(_ link: UpstreamLink) throws(BridgeFailure) -> ResponseHead? {
        do {
            return try reader.read(&link.input)
        } catch {
            throw .reply(error)
        }
    }

    private mutating func takeSwitch(_ head: ResponseHead, for exchange: PlainExchange) throws(BridgeFailure)
        -> ByteBuffer
    {
        guard let upgrade = request.upgrade else { throw .reply(.unaskedUpgrade) }
        guard head.switches(to: upgrade) else { throw .reply(.otherUpgrade) }
        try checkAuthentication(head, exchange)
        exchange.record.status = head.status
        state = .switched
        hasSentHead = true
        return HeadWriter.switching(head)
    }

    private mutating func take(_ head: ResponseHead, for exchange: PlainExchange) throws(BridgeFailure) {
        if head.isInformational {
            if request.minorVersion == 1 { write(HeadWriter.informational(head), exchange) }
            return
        }
        try checkAuthentication(head, exchange)
        let framing: BodyFraming
        do throws(ResponseProblem) {
            framing = try BodyFraming.ofResponse(
                head.fields,
                status: head.status,
                minorVersion: head.minorVersion,
                toMethod: request.method
            )
        } catch {
            throw .reply(error)
        }
        let session = exchange.session
        // What the client sent before it finished is answered as well.
        let isLast = session.isInputFinished && session.input.readableBytes == 0
        let mayKeepAlive = exchange.isRequestDone && !session.isDraining && !isLast
        let delivery = ResponseDelivery(of: head, body: framing, to: request, mayKeepAlive: mayKeepAlive)
        let isAmbiguous = framing == .chunked && head.fields.contains(name: "content-length")
        allowsReuse = head.keepsAlive && framing != .untilClose && !isAmbiguous
        closes = delivery.closes
        exchange.record.status = head.status
        nominated = HopByHop.nominated(by: head.fields)
        pendingHead = HeadWriter.response(head, delivery: delivery, via: exchange.via)
        state = .body(BodyReader(framing), delivery)
    }

    /// A refused credential is the operator's matter: neither the reply nor its realm reaches the client.
    private func checkAuthentication(_ head: ResponseHead, _ exchange: PlainExchange) throws(BridgeFailure) {
        guard exchange.way.proxy != nil else { return }
        let context = exchange.session.context
        guard head.status == 407 else {
            // A 401 is the origin's as a rule, and an error may come from an upstream that has checked nothing yet.
            if head.status < 400 { context.recordSuccess(of: exchange.snapshot) }
            return
        }
        context.record(.status(head.status), of: exchange.snapshot)
        throw .authentication(.status(head.status))
    }

    private func end(
        _ body: inout BodyReader,
        _ link: UpstreamLink,
        _ delivery: ResponseDelivery,
        _ exchange: PlainExchange
    ) -> Progress {
        guard !link.isCut, body.close() else { return .cut }
        if delivery.framing == .chunked { write(HeadWriter.lastChunk(trailers: []), exchange) }
        return .complete
    }

    private func send(_ part: BodyReader.Part, _ delivery: ResponseDelivery, _ exchange: PlainExchange) {
        switch part {
        case .data(let bytes):
            guard delivery.framing == .chunked else { return write(bytes, exchange) }
            write(HeadWriter.chunkSize(bytes.readableBytes), exchange)
            write(bytes, exchange)
            write(HeadWriter.lineEnd, exchange)
        case .end(let trailers):
            if delivery.framing == .chunked {
                write(HeadWriter.lastChunk(trailers: trailers, nominated: nominated), exchange)
            }
        }
    }

    /// A failed write closes the channel, which the session sees; a promise for each would only repeat it.
    private func write(_ bytes: ByteBuffer, _ exchange: PlainExchange) {
        exchange.session.connection.count(sent: bytes.readableBytes)
        exchange.record.down += UInt64(bytes.readableBytes)
        exchange.session.channel.write(bytes, promise: nil)
    }
}
