/// What a bridge has done since it is there, over all of its lives; requests count when they end.
package struct BridgeCounters: Hashable, Sendable {
    package var connections: UInt64 = 0
    package var requests: UInt64 = 0
    /// The tunnels that were opened.
    package var tunnels: UInt64 = 0
    package var openTunnels = 0
    /// Bytes from clients.
    package var up: UInt64 = 0
    /// Bytes to clients.
    package var down: UInt64 = 0
    /// How many requests failed, by the error type of RFC 9209: a closed set of words.
    package var failures: [String: UInt64] = [:]

    package init() {}
}

extension BridgeCounters: CustomStringConvertible {
    /// `requests 12 tunnels 3 of 10 open up 400 down 9000 failed connection_refused 2`.
    package var description: String {
        let failed = failures.sorted { $0.key < $1.key }.map { " \($0.key) \($0.value)" }.joined()
        return "requests \(requests) tunnels \(openTunnels) of \(tunnels) open up \(up) down \(down)"
            + (failed.isEmpty ? "" : " failed" + failed)
    }
}
