import ServiceConfiguration

/// Where requests go, with nothing left to choose.
enum UpstreamRoute: Hashable, Sendable {
    /// To the origin itself, because the configuration says so.
    case direct
    /// Through a proxy.
    case proxy(UpstreamProxy)
}
