import NIOCore
import Sockets

/// Writes back what it reads, and reads only while the client takes what was written.
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How long a connection must have been quiet before a draining service takes it for finished.
    ///
    /// Bytes that are under way from a client far away arrive within a second; a shutdown should not take much longer.
    private static let quietTime = TimeAmount.seconds(1)

    /// How long a client may take to answer the end of this direction with the end of its own.
    private static let answerTime = TimeAmount.milliseconds(200)

    private let connection: Connection
    private let idle: TimeAmount?
    private var lastByte = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var drainTimer: Scheduled<Void>?
    /// A read waits until the client has taken enough.
    private var isHeld = false
    private var isClosing = false
    /// This side has ended its direction; what still comes is read and dropped.
    private var isOutputClosed = false

    init(_ connection: Connection, idle: TimeAmount?) {
        self.connection = connection
        self.idle = idle
    }

    func channelActive(context: ChannelHandlerContext) {
        scheduleTimer(context)
        context.read()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        connection.count(received: count)
        guard !isOutputClosed else { return }
        connection.count(sent: count)
        // A failed write closes the channel, which ends the connection; a promise for each would only repeat it.
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lastByte = .now()
        context.flush()
        readIfPossible(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lastByte = .now()
        if isHeld { readIfPossible(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            connection.end("client_fin")
            closeWhenWritten(context)
        case is ConnectionDrainEvent:
            if drainTimer == nil { scheduleDrain(context, at: max(lastByte + Self.quietTime, .now())) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.end("rst")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        drainTimer?.cancel()
        drainTimer = nil
        connection.end("rst")
        context.fireChannelInactive()
    }

    private func readIfPossible(_ context: ChannelHandlerContext) {
        isHeld = !context.channel.isWritable
        if !isHeld && !isClosing { context.read() }
    }

    /// Ends a draining connection when it is quiet, because an echo has no end of its own.
    ///
    /// This direction ends first, and the whole when the client has answered that or is quiet again: a reset would
    /// destroy what the client has not read.
    private func scheduleDrain(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        drainTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard !self.isClosing, context.channel.isActive else { return }
            let (now, quietAt) = (NIODeadline.now(), self.lastByte + Self.quietTime)
            if self.isOutputClosed { return self.closeWhenWritten(context) }
            if now < quietAt { return self.scheduleDrain(context, at: quietAt) }
            guard context.channel.bufferedBytes == 0 else {
                return self.scheduleDrain(context, at: now + Self.quietTime)
            }
            self.connection.end("drain")
            self.isOutputClosed = true
            // A failure means that the client has gone, which closes the channel.
            context.close(mode: .output, promise: nil)
            self.scheduleDrain(context, at: now + Self.answerTime)
        }
    }

    /// NIO would drop what waits to be written if it were told to close now.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        guard context.channel.bufferedBytes > 0 else { return context.close(promise: nil) }
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }

    /// One timer, which looks at the time of the last byte when it fires: a byte costs no scheduling.
    private func scheduleTimer(_ context: ChannelHandlerContext) {
        guard let idle else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: lastByte + idle) {
            guard NIODeadline.now() >= self.lastByte + idle else { return self.scheduleTimer(context) }
            self.connection.end("idle")
            context.close(promise: nil)
        }
    }
}
