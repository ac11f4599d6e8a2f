import ServiceConfiguration

/// Everything that a request needs to know about its way; read once, at the request's start.
struct RouteSnapshot: Hashable, Sendable {
    let generation: UInt64
    let upstream: UpstreamRoute
    /// The field to send, made from the upstream's credential; nil for a proxy that takes no fields.
    let credential: ProxyCredential?
    /// What protects the connection to the upstream.
    let security: HopSecurity
    let timeouts: BridgeTimeouts
    /// Without a byte in either direction; zero: no limit.
    let idle: Duration

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
        switch upstream {
        case .direct:
            credential = nil
            security = .none
        case .proxy(let proxy):
            credential = proxy.scheme.isHTTP ? proxy.credential.map(ProxyCredential.init) : nil
            security = Self.security(of: proxy, contexts)
        }
    }

    private static func security(of proxy: UpstreamProxy, _ contexts: TLSContexts) -> HopSecurity {
        guard proxy.scheme == .https else { return .none }
        do {
            return .tls(try TLSRoute(proxy.tls ?? UpstreamTLS(), host: proxy.host, contexts: contexts))
        } catch {
            return .unavailable
        }
    }

    /// The name of the upstream in logs.
    var upstreamID: String {
        switch upstream {
        case .direct: "direct"
        case .proxy(let upstream): upstream.id
        }
    }
}
