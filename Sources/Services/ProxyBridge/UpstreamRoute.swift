import ServiceConfiguration

/// Where requests go, with nothing left to choose.
enum UpstreamRoute: Hashable, Sendable {
    /// To the origin itself, because the configuration says so.
    case direct
    /// Through an HTTP proxy.
    case http(HTTPUpstreamSettings)
}
