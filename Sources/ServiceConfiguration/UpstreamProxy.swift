/// A proxy that a bridge sends its requests through, and the credential that it wants.
package struct UpstreamProxy: Hashable, Sendable {
    /// How plain requests go through an HTTP proxy.
    package enum PlainVia: String, CaseIterable, Sendable {
        /// To the proxy itself, in absolute-form.
        case forward
        /// Through a tunnel to the origin, as everything else.
        case connect
    }

    /// The name under `upstreams`, or a name made from the service for an inline mapping; never the URL.
    package var id: String
    package var scheme: UpstreamScheme
    /// A host name or IP literal, without brackets.
    package var host: String
    package var port: UInt16
    package var credential: Credential?
    /// For the scheme `https`, and nil for all others.
    package var tls: UpstreamTLS?
    package var plainVia = PlainVia.forward
    /// A SOCKS proxy may take no credential although there is one.
    package var allowsNoAuthentication = false

    package init(id: String, scheme: UpstreamScheme = .http, host: String, port: UInt16, credential: Credential?) {
        self.id = id
        self.scheme = scheme
        self.host = host
        self.port = port
        self.credential = credential
        tls = scheme == .https ? UpstreamTLS() : nil
    }
}
