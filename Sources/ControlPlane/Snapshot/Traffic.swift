/// What has gone through a service since the daemon has it, over all of its lives.
package struct Traffic: Codable, Hashable, Sendable {
    /// Connections accepted.
    package var connections: UInt64 = 0
    /// Bytes from clients.
    package var received: UInt64 = 0
    /// Bytes to clients.
    package var sent: UInt64 = 0
    /// Bytes per second from clients, over `rateSeconds`.
    package var receivedPerSecond: Double = 0
    /// Bytes per second to clients, over `rateSeconds`.
    package var sentPerSecond: Double = 0
    /// The span of the rates, from the snapshot that they compare with: at least a second, 0 when there is none.
    package var rateSeconds: Double = 0

    package init() {}
}
