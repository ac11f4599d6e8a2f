/// The next hop is a proxy.
struct ProxyHop: Hashable, Sendable {
    let credential: ProxyCredential?
}
