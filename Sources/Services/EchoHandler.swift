import NIOCore
import Sockets

/// Writes back what it reads, and reads only while the client takes what was written.
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: Connection
    private let idle: TimeAmount?
    private var lastByte = NIODeadline.now()
    private var timer: Scheduled<Void>?
    /// A read waits until the client has taken enough.
    private var isHeld = false
    private var isDraining = false
    private var isClosing = false

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
        connection.count(sent: count)
        // A failed write closes the channel, which ends the connection; a promise for each would only repeat it.
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if idle != nil { lastByte = .now() }
        context.flush()
        readIfPossible(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if idle != nil { lastByte = .now() }
        if isHeld { readIfPossible(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            connection.end("client_fin")
            closeWhenWritten(context)
        case is ConnectionDrainEvent:
            isDraining = true
            drain(context)
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
        connection.end("rst")
        context.fireChannelInactive()
    }

    private func readIfPossible(_ context: ChannelHandlerContext) {
        isHeld = !context.channel.isWritable
        if !isHeld && !isClosing { context.read() }
        if isDraining { drain(context) }
    }

    /// Closes when nothing is left to read and nothing to write back; otherwise the next read or write comes here again.
    private func drain(_ context: ChannelHandlerContext) {
        guard !isClosing, context.channel.isActive, context.channel.unreadBytes == 0 else { return }
        connection.end("drain")
        closeWhenWritten(context)
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
