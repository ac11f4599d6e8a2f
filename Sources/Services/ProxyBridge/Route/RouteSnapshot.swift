import ServiceConfiguration

/// Everything that a request needs to know about its way; read once, at the request's start.
struct RouteSnapshot: Hashable, Sendable {
    /// The attempts of a request of which nothing has been sent: two at most.
    enum Attempt: Hashable, Sendable {
        /// The first one, through the bridge's own upstream.
        case own
        /// The first one, through another member of the pool, because the own one has failed of late.
        case detour
        case last
    }

    let generation: UInt64
    private(set) var upstream: UpstreamRoute
    /// The field to send, made from the upstream's credential; nil for a proxy that takes no fields.
    private(set) var credential: ProxyCredential?
    /// Which attempt of a request it is for; always `own` but in copies for one request.
    private(set) var attempt = Attempt.own
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
    func through(_ proxy: UpstreamProxy, as attempt: Attempt, contexts: TLSContexts) -> RouteSnapshot {
        var snapshot = self
        snapshot.upstream = .proxy(proxy)
        snapshot.credential = Self.credential(of: proxy)
        snapshot.security = Self.security(of: proxy, contexts)
        snapshot.attempt = attempt
        return snapshot
    }

    /// The same for the last attempt of a request.
    var last: RouteSnapshot {
        var snapshot = self
        snapshot.attempt = .last
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
