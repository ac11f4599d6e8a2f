import NIOCore
import Sockets

/// Stands between the socket and HTTP: counts bytes, bounds every wait, and ends the connection in order.
///
/// Hummingbird's own handler closes a connection in the middle of what waits to be written, and knows no limit for a
/// client that does not read.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Phase {
        /// No byte of a request has come.
        case idle
        /// A request comes; `isKnown` when its head has come, and a task answers it.
        case receiving(isKnown: Bool)
        case running
        case streaming
        /// The last answer is being written.
        case finishing
        /// This direction has ended, and the client's is to.
        case lingering
    }

    /// Fires when what is streamed is to end.
    let end = EndSignal()
    private let connection: Connection
    private let limits: EndpointLimits
    private var phase = Phase.idle
    private var phaseBegan = NIODeadline.now()
    /// No request has been answered yet.
    private var isNew = true
    private var isDraining = false
    /// Bytes of a request that no task has begun to answer.
    private var unclaimedBytes = 0
    /// Since when the client takes nothing of what waits for it.
    private var stalledSince: NIODeadline?
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ connection: Connection, limits: EndpointLimits) {
        self.connection = connection
        self.limits = limits
    }

    // MARK: - What the answering task tells

    func began() {
        guard context != nil, !isOver else { return }
        unclaimedBytes = 0
        enter(.receiving(isKnown: true))
    }

    func running() {
        guard !isOver else { return }
        enter(.running)
    }

    func streaming() {
        guard !isOver else { return }
        enter(.streaming)
        if isDraining { end.fire() }
    }

    func ended(_ ending: HTTPConnection.Ending) {
        guard let context, !isOver else { return }
        switch ending {
        case .lingers:
            enter(.lingering)
            // A failure means that the client has gone, which closes the channel.
            context.close(mode: .output, promise: nil)
        case .closes: finish(context, "closed")
        case .open:
            if isDraining { return finish(context, "drain") }
            isNew = false
            enter(unclaimedBytes == 0 ? .idle : .receiving(isKnown: false))
        }
    }

    // MARK: - What the channel tells

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        enter(.idle)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        connection.count(received: count)
        switch phase {
        case .idle, .receiving(isKnown: false):
            unclaimedBytes += count
            // The decoder bounds fields, but not the first line.
            guard unclaimedBytes <= limits.unclaimed else { return close(context, "too_much") }
            if case .idle = phase { enter(.receiving(isKnown: false)) }
        case .running, .streaming: unclaimedBytes += count
        case .receiving(isKnown: true), .finishing, .lingering: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        connection.count(sent: unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalledSince = context.channel.isWritable ? nil : .now()
        arm()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ConnectionDrainEvent: drain(context)
        case ChannelEvent.outputClosed:
            // After a request that is no HTTP, hummingbird ends this direction and waits for the client.
            if !isOver { enter(.lingering) }
            context.fireUserInboundEventTriggered(event)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        connection.end("client_fin")
        end.fire()
        context.fireChannelInactive()
    }

    // MARK: - Ends

    private var isOver: Bool {
        switch phase {
        case .finishing, .lingering: true
        case .idle, .receiving, .running, .streaming: false
        }
    }

    private func drain(_ context: ChannelHandlerContext) {
        guard !isDraining else { return }
        isDraining = true
        switch phase {
        case .idle: finish(context, "drain")
        case .streaming:
            end.fire()
            // Whoever does not read cannot be told the end.
            if !context.channel.isWritable { close(context, "drain") }
        case .receiving(isKnown: false): enter(phase)
        case .receiving(isKnown: true), .running, .finishing, .lingering: break
        }
    }

    /// Closes when everything is written: NIO would drop what waits if it were told to close now.
    private func finish(_ context: ChannelHandlerContext, _ cause: String) {
        connection.end(cause)
        enter(.finishing)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }

    private func close(_ context: ChannelHandlerContext, _ cause: String) {
        connection.end(cause)
        context.close(promise: nil)
    }

    // MARK: - Time

    private func enter(_ next: Phase) {
        phase = next
        phaseBegan = .now()
        arm()
    }

    /// When the present state has lasted too long, and what the ledger calls that.
    private var deadline: (at: NIODeadline, cause: String)? {
        let stall = stalledSince.map { (at: $0 + limits.stall, cause: "write_stall") }
        switch phase {
        case .idle: return (phaseBegan + (isNew ? limits.request : limits.idle), "idle")
        case .receiving(isKnown: false) where isDraining: return (phaseBegan + limits.drainedRequest, "drain")
        case .receiving: return (phaseBegan + limits.request, "request_timeout")
        case .running, .streaming: return stall
        case .finishing: return (phaseBegan + limits.stall, "write_stall")
        case .lingering: return (phaseBegan + limits.linger, "closed")
        }
    }

    private func arm() {
        timer?.cancel()
        timer = nil
        guard let context, let deadline else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline.at) {
            self.close(context, deadline.cause)
        }
    }
}
