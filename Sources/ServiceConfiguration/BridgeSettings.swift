/// The keys of a `proxy-bridge` service.
package struct BridgeSettings: Hashable, Sendable {
    /// What becomes of open tunnels when the upstream changes.
    package enum OnSwap: String, CaseIterable, Sendable {
        /// They may go on for a time; those that are silent are closed first.
        case drain
        /// They are cut at once.
        case cut
        /// They go on as long as they want.
        case keep
    }

    /// The status codes of failures.
    package enum ErrorStyle: String, CaseIterable, Sendable {
        /// Those of HTTP: 502, 504 and so on.
        case standard
        /// The codes 590 to 599 that tools around proxy-chain know.
        case proxyChain = "proxy-chain"
    }

    package var upstream: UpstreamSettings
    /// Accepts clients from other machines without authentication.
    package var allowOpen = false
    package var timeouts = BridgeTimeouts()
    /// What clients must authenticate with; nil: nothing.
    package var auth: Credential?
    package var onSwap = OnSwap.drain
    package var probe = BridgeProbe()
    package var errorStyle = ErrorStyle.standard
    /// Adds a `Via` field to what is forwarded (RFC 9110 7.6.3).
    package var via = false
    /// Which destinations clients may reach.
    package var policy = PolicySettings()

    package init(upstream: UpstreamSettings) {
        self.upstream = upstream
    }
}
