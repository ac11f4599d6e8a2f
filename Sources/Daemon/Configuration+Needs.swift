import ServiceConfiguration
import Services
import Sockets

extension Configuration {
    /// Every listening socket that the configuration wants.
    var listenRequests: [ListenRequest] {
        services.flatMap(\.listenRequests)
    }

    /// How TLS is spoken to all upstreams that the configuration uses.
    var upstreamTLS: [UpstreamTLS] {
        services.flatMap { service -> [UpstreamTLS] in
            guard case .proxyBridge(let bridge) = service.kind else { return [] }
            switch bridge.upstream {
            case .direct: return []
            case .proxy(let upstream): return [upstream.tls].compactMap { $0 }
            case .pool(let pool): return pool.members.compactMap(\.tls)
            }
        }
    }
}
