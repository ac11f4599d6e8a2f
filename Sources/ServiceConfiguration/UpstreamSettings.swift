/// Where a bridge sends its requests.
package enum UpstreamSettings: Hashable, Sendable {
    /// To the origin itself, because the configuration says so.
    case direct
    /// Through an HTTP proxy.
    case http(HTTPUpstreamSettings)
    /// Through a member of a pool.
    case pool(PoolSettings)
}
