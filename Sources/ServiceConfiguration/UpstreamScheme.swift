/// What is spoken to an upstream proxy: the scheme of its URL.
package enum UpstreamScheme: String, CaseIterable, Sendable {
    /// HTTP/1.1 in plain text (RFC 9110 9.3.6).
    case http
    /// HTTP/1.1 over TLS.
    case https
    /// SOCKS version 5 with addresses that are resolved here (RFC 1928).
    case socks5
    /// SOCKS version 5 with names that the proxy resolves.
    case socks5h

    /// True when plain requests can be sent to the proxy itself, in absolute-form.
    package var isHTTP: Bool {
        switch self {
        case .http, .https: true
        case .socks5, .socks5h: false
        }
    }
}
