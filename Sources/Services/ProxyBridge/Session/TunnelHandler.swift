import NIOCore

/// Tells the relay of a tunnel what a swap of the bridge's route means for it.
///
/// It stands behind the relay's own handler, which passes on events but no bytes, so no byte comes by.
final class TunnelHandler: ChannelInboundHandler {
    typealias InboundIn = Never

    private let snapshot: RouteSnapshot

    init(_ snapshot: RouteSnapshot) {
        self.snapshot = snapshot
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let swap = event as? RouteSwap else { return context.fireUserInboundEventTriggered(event) }
        context.pipeline.fireUserInboundEventTriggered(swap.retirement(of: snapshot))
    }
}
