import ServiceConfiguration
import Services
import Sockets

extension Configuration {
    /// Every listening socket that the configuration wants.
    var listenRequests: [ListenRequest] {
        services.flatMap(\.listenRequests) + endpointRequests
    }

    /// Those of them that are the daemon's own.
    var endpointRequests: [ListenRequest] {
        endpoints.flatMap(\.listenRequests)
    }

    /// All upstreams that the configuration uses.
    var upstreamProxies: [UpstreamProxy] {
        var pools: Set<String> = []
        return services.flatMap { service -> [UpstreamProxy] in
            guard case .proxyBridge(let bridge) = service.kind else { return [] }
            switch bridge.upstream {
            case .direct: return []
            case .proxy(let upstream): return [upstream]
            case .pool(let pool): return pools.insert(pool.name).inserted ? pool.members : []
            }
        }
    }
}
