import ServiceConfiguration

/// A credential, or the lack of one, together with the upstream that it is shown to.
///
/// What the file calls the upstream, and who uses it, makes no difference to the upstream, so it makes none here.
struct ShownCredential: Hashable, Sendable {
    private let scheme: UpstreamScheme
    private let host: String
    private let port: UInt16
    private let credential: Credential?
    /// A certificate is a credential as well.
    private let identity: UpstreamTLS.Identity?
    /// Part of what is offered: allowing it is the cure of one refusal.
    private let allowsNoAuthentication: Bool

    init(to proxy: UpstreamProxy) {
        // Who resolves names is not the proxy's matter.
        scheme = proxy.scheme == .socks5h ? .socks5 : proxy.scheme
        host = proxy.host
        port = proxy.port
        credential = proxy.credential
        identity = proxy.tls?.identity
        allowsNoAuthentication = proxy.allowsNoAuthentication
    }

    /// Nil: nothing is shown to anybody.
    init?(_ route: UpstreamRoute) {
        guard case .proxy(let proxy) = route else { return nil }
        self.init(to: proxy)
    }

    /// Certificates are compared, but not hashed: they are long, and hashed for requests.
    func hash(into hasher: inout Hasher) {
        hasher.combine(scheme)
        hasher.combine(host)
        hasher.combine(port)
        hasher.combine(credential)
    }
}
