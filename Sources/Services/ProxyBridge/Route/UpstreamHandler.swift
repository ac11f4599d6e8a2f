import NIOCore
import Sockets

/// Tells a link what happens on its channel.
final class UpstreamHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let link: UpstreamLink

    init(_ link: UpstreamLink) {
        self.link = link
    }

    /// The link of a channel that a dial has made.
    static func link(of channel: any Channel) throws -> UpstreamLink {
        try channel.pipeline.syncOperations.handler(type: UpstreamHandler.self).link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        link.readCompleted()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { link.finished(cut: false) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { link.writable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A cut: what follows, were it an orderly end of TLS, would take its time and look like one.
        link.failed(error)
        context.channel.reset()
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.finished(cut: true)
        context.fireChannelInactive()
    }
}
