import Addresses
package import ServiceConfiguration

/// What one bridge wants to know about its upstream before a load is committed.
package struct ProbeQuestion: Sendable {
    /// Equal questions are asked once, however many bridges want the answer.
    struct Matter: Hashable, Sendable {
        var upstream: UpstreamRoute
        var mode: BridgeProbe.Mode
        var target: Destination?
        var timeout: Duration

        var isAboutCredential: Bool {
            switch mode {
            case .auth, .target: true
            case .off, .tcp: false
            }
        }
    }

    /// The bridge.
    package var service: String
    /// The name of the upstream; never its URL.
    package var upstreamID: String
    /// Where the upstream is written, as far as it is.
    package var position: SourcePosition?
    package var onFail: BridgeProbe.OnFail
    let matter: Matter

    /// True when an upstream that accepts has looked at the credential.
    package var isAboutCredential: Bool { matter.isAboutCredential }

    /// Where the upstream is; nil: there is none.
    package var address: (host: String, port: UInt16)? {
        guard case .proxy(let proxy) = matter.upstream else { return nil }
        return (proxy.host, proxy.port)
    }

    /// Nil when there is nothing to ask.
    init?(_ service: String, _ settings: BridgeSettings, via route: UpstreamRoute) {
        let probe = settings.probe
        self.service = service
        onFail = probe.onFail
        var upstream: UpstreamProxy?
        if case .proxy(let proxy) = route { upstream = proxy }
        let mode = probe.mode(for: upstream)
        guard mode != .off, upstream != nil || mode == .target else { return nil }
        upstreamID = upstream?.id ?? "direct"
        position = upstream?.position.position
        matter = Matter(upstream: route.unnamed, mode: mode, target: probe.target, timeout: probe.timeout)
    }
}

extension ProbeQuestion.Matter {
    /// Whether a member of a pool can be used; without a credential, whether it can be reached.
    init(checking member: UpstreamProxy, within timeout: Duration) {
        upstream = UpstreamRoute.proxy(member).unnamed
        mode = member.credential == nil ? .tcp : .auth
        self.timeout = timeout
    }

    /// The destination of a probe that is only about the credential: it cannot exist (RFC 6761 6.4).
    private static let nowhere = Authority(host: "probe.invalid", port: 443)

    /// How the question gets to the upstream.
    func way(of snapshot: RouteSnapshot) -> Way {
        let way = snapshot.way(toTunnel: destination)
        switch (mode, upstream) {
        case (.tcp, _): return Way(way.nextHop, security: way.security, to: way.nextHop)
        case (.auth, .proxy(let proxy)) where !proxy.scheme.isHTTP:
            // The sub-negotiation alone tells, so the proxy need not look for what cannot exist.
            let dialogue = SOCKSDialogue(
                to: nil,
                credential: proxy.credential,
                allowsNoAuthentication: proxy.allowsNoAuthentication
            )
            return Way(way.nextHop, saying: .socks(dialogue), to: way.nextHop)
        case (.off, _), (.auth, _), (.target, _): return way
        }
    }

    private var destination: Authority {
        guard mode == .target, case .host(let host, let port)? = target else { return Self.nowhere }
        return Authority(host: host, port: port)
    }

    /// The route with the time of the probe as the only limit.
    func snapshot(_ contexts: TLSContexts) -> RouteSnapshot {
        var settings = BridgeSettings(upstream: .direct)
        settings.timeouts.dns = timeout
        settings.timeouts.connect = timeout
        settings.timeouts.tls = timeout
        settings.timeouts.reply = timeout
        settings.timeouts.establishment = timeout
        return RouteSnapshot(settings, via: upstream, generation: 0, contexts: contexts)
    }
}
