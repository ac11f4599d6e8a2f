import NIOCore
import NIOSSL
import ServiceConfiguration
import Sockets

/// The beginning of TLS on a connection that a dial has made; it can be cancelled at any time.
final class TLSHandshake {
    private let link: UpstreamLink
    private let route: TLSRoute
    private let timer: LazyTimer
    private var completed: ((Result<UpstreamLink, BridgeFailure>) -> Void)?

    init(on link: UpstreamLink, _ route: TLSRoute) {
        self.link = link
        self.route = route
        timer = LazyTimer(link.channel.eventLoop)
    }

    /// Calls `completed` once, unless the handshake is cancelled first; after a failure the connection is closed.
    func start(within limit: Duration, _ completed: @escaping (Result<UpstreamLink, BridgeFailure>) -> Void) {
        self.completed = completed
        // A server that speaks first, or has closed already, does not speak TLS.
        guard !link.isFinished, link.channel.isActive, link.input.readableBytes == 0 else {
            return end(.failure(.tlsProtocol))
        }
        timer.expired = { [weak self] in self?.end(.failure(.tlsTimeout)) }
        timer.arm(after: limit)
        do {
            let pipeline = link.channel.pipeline.syncOperations
            let transport = TransportHandler()
            let watch = TLSHandshakeHandler(route) { self.end($0.map { self.link }) }
            try pipeline.addHandler(watch, position: .first)
            try pipeline.addHandler(transport, position: .first)
            // Last: it begins to speak when it is added.
            let tls = try NIOSSLClientHandler(context: route.context, serverHostname: route.serverName)
            try pipeline.addHandler(tls, position: .after(transport))
            link.channel.read()
        } catch {
            end(.failure(BridgeFailure(tls: error)))
        }
    }

    func cancel() {
        completed = nil
        end(.failure(.terminated))
    }

    private func end(_ result: Result<UpstreamLink, BridgeFailure>) {
        timer.stop()
        let completed = completed.take()
        // Without a farewell: a peer that does not get through the handshake would not understand one.
        if case .failure = result { link.reset() }
        completed?(result)
    }
}
