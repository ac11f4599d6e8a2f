import ServiceConfiguration

/// Where requests go, with nothing left to choose.
enum UpstreamRoute: Hashable, Sendable {
    /// To the origin itself, because the configuration says so.
    case direct
    /// Through a proxy.
    case proxy(UpstreamProxy)

    /// True when requests go the same way with the same credential, whatever the file calls the upstream.
    ///
    /// The member of a pool is called by its place in a list, which may change.
    func isSameWay(as other: UpstreamRoute) -> Bool { unnamed == other.unnamed }

    /// What is shown to the proxy; nil: nothing.
    var credential: Credential? {
        switch self {
        case .direct: nil
        case .proxy(let proxy): proxy.credential
        }
    }

    /// Without what the file calls it.
    var unnamed: UpstreamRoute {
        guard case .proxy(var upstream) = self else { return self }
        upstream.id = ""
        return .proxy(upstream)
    }
}
