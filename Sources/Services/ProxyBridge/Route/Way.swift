import Addresses
import ServiceConfiguration

/// How one request gets to its origin; decided once, from the route snapshot.
struct Way {
    /// What is dialled.
    let nextHop: Authority
    /// What protects the new connection.
    let security: HopSecurity
    /// What is said on the new connection before it is of use; nil: nothing.
    let dialogue: Dialogue?
    /// The name of which the dialogue needs an address, found out here; nil: it sends what it has.
    let resolved: Authority?
    /// Who reads the bytes of the request.
    let end: Authority
    /// The form of a plain request: to a proxy in absolute-form, or to the origin when nil.
    let proxy: ProxyHop?
    /// Chooses among the addresses of the origin where it is looked up here; nil: it is not.
    let policy: DestinationPolicy?

    /// The next hop is the origin itself.
    var leadsToOrigin: Bool { dialogue == nil && proxy == nil }

    /// The first words on the new connection hold the credential, whoever says them.
    var beginsWithCredential: Bool { proxy != nil || dialogue?.beginsWithCredential == true }

    init(
        _ nextHop: Authority,
        security: HopSecurity = .none,
        saying dialogue: Dialogue? = nil,
        resolving resolved: Authority? = nil,
        to end: Authority,
        proxy: ProxyHop? = nil,
        under policy: DestinationPolicy? = nil
    ) {
        self.nextHop = nextHop
        self.security = security
        self.dialogue = dialogue
        self.resolved = resolved
        self.end = end
        self.proxy = proxy
        self.policy = policy
    }
}

extension RouteSnapshot {
    /// The way of a tunnel to `origin`.
    func way(toTunnel origin: Authority) -> Way {
        guard case .proxy(let proxy) = upstream else { return Way(origin, to: origin, under: policy) }
        let hop = Authority(host: proxy.host, port: proxy.port)
        switch proxy.scheme {
        case .http, .https:
            let dialogue = Dialogue.connect(ConnectDialogue(to: origin, credential: credential))
            return Way(hop, security: security, saying: dialogue, to: origin)
        case .socks5, .socks5h:
            let dialogue = SOCKSDialogue(
                to: origin,
                credential: proxy.credential,
                allowsNoAuthentication: proxy.allowsNoAuthentication
            )
            let isName = proxy.scheme == .socks5 && IPAddress(origin.host) == nil
            return Way(
                hop,
                saying: .socks(dialogue),
                resolving: isName ? origin : nil,
                to: origin,
                under: policy
            )
        }
    }

    /// The way of a plain request for a resource of `origin`.
    func way(toResourceOf origin: Authority) -> Way {
        guard case .proxy(let proxy) = upstream, proxy.scheme.isHTTP, proxy.plainVia == .forward else {
            return way(toTunnel: origin)
        }
        let hop = Authority(host: proxy.host, port: proxy.port)
        return Way(hop, security: security, to: hop, proxy: ProxyHop(credential: credential))
    }
}
