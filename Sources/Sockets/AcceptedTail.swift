import NIOCore

/// Stands behind NIO's own handler of a listening channel and tells the gate which connections have come through it.
final class AcceptedTail: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let gate: AcceptGate

    init(_ gate: AcceptGate) {
        self.gate = gate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        gate.setUpEnded()
    }

    /// The gate keeps the errors of accept to itself, so this one is about a connection; it is closed already.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        gate.setUpEnded()
    }
}
