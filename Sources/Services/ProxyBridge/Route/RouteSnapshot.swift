import ServiceConfiguration

/// Everything that a request needs to know about its way; read once, at the request's start.
struct RouteSnapshot: Hashable, Sendable {
    let generation: UInt64
    private(set) var upstream: UpstreamRoute
    /// The field to send, made from the upstream's credential; nil for a proxy that takes no fields.
    private(set) var credential: ProxyCredential?
    /// For one request only, which did not reach the bridge's own upstream.
    private(set) var isAlternative = false
    /// What protects the connection to the upstream.
    private(set) var security: HopSecurity
    let timeouts: BridgeTimeouts
    /// Without a byte in either direction; zero: no limit.
    let idle: Duration
    /// Which destinations clients may reach.
    let policy: DestinationPolicy
    /// What clients must authenticate with; nil: nothing.
    let authentication: ClientAuthentication?
    let errorStyle: BridgeSettings.ErrorStyle
    /// What becomes of open connections that have another route.
    let onSwap: BridgeSettings.OnSwap
    /// What is forwarded gets a Via field.
    let addsVia: Bool

    /// - Parameters:
    ///   - settings: The service's.
    ///   - upstream: The way out.
    ///   - idle: The service's own limit, which replaces the one of `timeouts`.
    ///   - generation: The number of the configuration.
    ///   - contexts: Have what TLS needs.
    init(
        _ settings: BridgeSettings,
        via upstream: UpstreamRoute,
        idle: Duration? = nil,
        generation: UInt64,
        contexts: TLSContexts
    ) {
        self.generation = generation
        self.upstream = upstream
        self.idle = idle ?? settings.timeouts.idle
        timeouts = settings.timeouts
        policy = DestinationPolicy(settings.policy)
        authentication = settings.auth.map(ClientAuthentication.init)
        errorStyle = settings.errorStyle
        onSwap = settings.onSwap
        addsVia = settings.via
        switch upstream {
        case .direct:
            credential = nil
            security = .none
        case .proxy(let proxy):
            credential = Self.credential(of: proxy)
            security = Self.security(of: proxy, contexts)
        }
    }

    private static func credential(of proxy: UpstreamProxy) -> ProxyCredential? {
        proxy.scheme.isHTTP ? proxy.credential.map(ProxyCredential.init) : nil
    }

    private static func security(of proxy: UpstreamProxy, _ contexts: TLSContexts) -> HopSecurity {
        guard proxy.scheme == .https else { return .none }
        do {
            return .tls(try TLSRoute(proxy.tls ?? UpstreamTLS(), host: proxy.host, contexts: contexts))
        } catch {
            return .unavailable
        }
    }

    /// The same through another member of the pool.
    func alternative(via proxy: UpstreamProxy, contexts: TLSContexts) -> RouteSnapshot {
        var snapshot = self
        snapshot.upstream = .proxy(proxy)
        snapshot.credential = Self.credential(of: proxy)
        snapshot.security = Self.security(of: proxy, contexts)
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

    /// Whom a request connects to.
    var nextHop: NextHop {
        switch upstream {
        case .direct: .destination
        case .proxy(let proxy): .upstream(hasCredential: proxy.credential != nil)
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
