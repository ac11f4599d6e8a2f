import NIOCore

/// Tells a relay what happens on one of its channels.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let side: RelaySide
    private let link: RelayLink

    init(_ side: RelaySide, _ link: RelayLink) {
        self.side = side
        self.link = link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), on: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        link.readCompleted(on: side)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        link.writabilityChanged(on: side)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? ChannelEvent {
        case .inputClosed: link.finished(on: side)
        case .outputClosed: link.outputClosed(on: side)
        case nil:
            if let retirement = event as? RelayRetirement { link.retire(retirement) }
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link.failed(on: side, by: error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.becameInactive(on: side)
        context.fireChannelInactive()
    }
}
