/// The keys of a `proxy-bridge` service.
package struct BridgeSettings: Hashable, Sendable {
    package var upstream: UpstreamSettings
    /// Accepts clients from other machines without authentication.
    package var allowOpen = false
    package var timeouts = BridgeTimeouts()

    package init(upstream: UpstreamSettings) {
        self.upstream = upstream
    }
}
