/// Where a bridge sends its requests.
package enum UpstreamSettings: Hashable, Sendable {
    /// To the origin itself, because the configuration says so.
    case direct
    /// Through a proxy.
    case proxy(UpstreamProxy)
    /// Through a member of a pool.
    case pool(PoolSettings)
}
