package import NIOCore

/// Holds a channel until its relay begins: keeps what comes unasked, and tells when the peer goes away.
///
/// Even without a `read`, NIO reads everything that the kernel holds once the peer has finished sending; that is at
/// most the kernel's receive buffer.
package final class EarlyInputHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer

    /// What has come so far.
    package private(set) var input = EarlyInput()
    private let gone: () -> Void

    /// - Parameter gone: Called once when the channel has closed while it was held, unless it is a unix socket of which
    ///   everything has come: that is no reason to drop it.
    package init(gone: @escaping () -> Void) {
        self.gone = gone
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.bytes?.writeBuffer(&bytes) == nil { input.bytes = bytes }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { input.isFinished = true }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if input.isFinished, context.channel.isUnix { input.isGone = true } else { gone() }
        context.fireChannelInactive()
    }
}
