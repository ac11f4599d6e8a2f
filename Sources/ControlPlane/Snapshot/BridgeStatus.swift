/// What a snapshot says of a proxy bridge beyond any service.
package struct BridgeStatus: Codable, Hashable, Sendable {
    /// The upstream in use: `office`, `residential[1]` for a member of a pool, `direct`; never a URL.
    package var upstream: String?
    /// What is wrong with the upstream, and since when; without any secret.
    package var trouble: String?
    package var requests: UInt64 = 0
    /// The tunnels that were opened.
    package var tunnels: UInt64 = 0
    package var openTunnels = 0
    /// How many requests failed, by the error type of RFC 9209: a closed set of words.
    package var failures: [String: UInt64] = [:]

    package init() {}
}
