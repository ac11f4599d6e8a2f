import ServiceConfiguration

/// Everything that a request needs to know about its way; read once, at the request's start.
struct RouteSnapshot: Hashable, Sendable {
    let generation: UInt64
    private(set) var upstream: UpstreamRoute
    /// The field to send, made from the upstream's credential.
    private(set) var credential: ProxyCredential?
    /// For one request only, which did not reach the bridge's own upstream.
    private(set) var isAlternative = false
    let timeouts: BridgeTimeouts
    /// Without a byte in either direction; zero: no limit.
    let idle: Duration
    /// Which destinations clients may reach.
    let policy: DestinationPolicy
    /// What clients must authenticate with; nil: nothing.
    let authentication: ClientAuthentication?
    let errorStyle: BridgeSettings.ErrorStyle
    /// What is forwarded gets a Via field.
    let addsVia: Bool

    /// `idle` is the service's own limit, which replaces the one of `timeouts`.
    init(_ settings: BridgeSettings, via upstream: UpstreamRoute, idle: Duration? = nil, generation: UInt64) {
        self.generation = generation
        self.upstream = upstream
        self.idle = idle ?? settings.timeouts.idle
        timeouts = settings.timeouts
        policy = DestinationPolicy(settings.policy)
        authentication = settings.auth.map(ClientAuthentication.init)
        errorStyle = settings.errorStyle
        addsVia = settings.via
        switch upstream {
        case .direct: credential = nil
        case .proxy(let proxy): credential = proxy.credential.map(ProxyCredential.init)
        }
    }

    /// The same through another member of the pool.
    func alternative(via upstream: UpstreamProxy) -> RouteSnapshot {
        var snapshot = self
        snapshot.upstream = .proxy(upstream)
        snapshot.credential = upstream.credential.map(ProxyCredential.init)
        snapshot.isAlternative = true
        return snapshot
    }

    /// The name of the upstream in logs.
    var upstreamID: String {
        switch upstream {
        case .direct: "direct"
        case .proxy(let upstream): upstream.id
        }
    }

    /// Where connections to destinations are made.
    var reach: DestinationPolicy.Reach {
        switch upstream {
        case .direct: .here
        case .proxy(let proxy): proxy.scheme == .socks5 ? .here : .proxy
        }
    }
}
