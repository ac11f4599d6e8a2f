/// What a bridge has done beyond any service since it is there, over all of its lives; requests count when they end.
package struct BridgeCounters: Hashable, Sendable {
    package var requests: UInt64 = 0
    /// The tunnels that were opened.
    package var tunnels: UInt64 = 0
    package var openTunnels = 0
    /// How many requests failed, by the error type of RFC 9209: a closed set of words.
    package var failures: [String: UInt64] = [:]

    package init() {}
}
