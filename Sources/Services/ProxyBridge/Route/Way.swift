import ServiceConfiguration

/// How one request gets to its origin; decided once, from the route snapshot.
struct Way {
    /// What is dialled.
    let nextHop: Authority
    /// What is said on the new connection before it is of use; nil: nothing.
    let dialogue: Dialogue?
    /// Who reads the bytes of the request.
    let end: Authority
    /// The form of a plain request: to a proxy in absolute-form, or to the origin when nil.
    let proxy: ProxyHop?
    /// Chooses among the addresses of the next hop; nil: the configuration has chosen it.
    var policy: DestinationPolicy?

    /// The next hop is the origin itself.
    var leadsToOrigin: Bool { dialogue == nil && proxy == nil }
}

extension RouteSnapshot {
    /// The way of a tunnel to `origin`.
    func way(toTunnel origin: Authority) -> Way {
        switch upstream {
        case .direct: return Way(nextHop: origin, dialogue: nil, end: origin, proxy: nil, policy: policy)
        case .proxy(let proxy):
            let hop = Authority(host: proxy.host, port: proxy.port)
            let dialogue = Dialogue.connect(ConnectDialogue(to: origin, credential: credential))
            return Way(nextHop: hop, dialogue: dialogue, end: origin, proxy: nil)
        }
    }

    /// The way of a plain request for a resource of `origin`.
    func way(toResourceOf origin: Authority) -> Way {
        switch upstream {
        case .direct: return way(toTunnel: origin)
        case .proxy(let proxy):
            let hop = Authority(host: proxy.host, port: proxy.port)
            return Way(nextHop: hop, dialogue: nil, end: hop, proxy: ProxyHop(credential: credential))
        }
    }
}
