import NIOCore
import NIOSSL
import NIOTLS

/// Watches the handshake of the TLS handler before it, and leaves the pipeline when that is done.
final class TLSHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let route: TLSRoute
    private var ended: ((Result<Void, BridgeFailure>) -> Void)?

    init(_ route: TLSRoute, ended: @escaping (Result<Void, BridgeFailure>) -> Void) {
        self.route = route
        self.ended = ended
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        end(verdict(context), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(BridgeFailure(tls: error)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(.tlsProtocol), context)
        context.fireChannelInactive()
    }

    private func verdict(_ context: ChannelHandlerContext) -> Result<Void, BridgeFailure> {
        do {
            let tls = try context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            return route.admits(tls.peerCertificate) ? .success(()) : .failure(.tlsCertificate)
        } catch {
            return .failure(.internal)
        }
    }

    private func end(_ result: Result<Void, BridgeFailure>, _ context: ChannelHandlerContext) {
        guard let ended = ended.take() else { return }
        // A future that is complete already: removing a handler that agrees takes no time.
        if case .success = result { _ = context.pipeline.syncOperations.removeHandler(self) }
        ended(result)
    }
}
