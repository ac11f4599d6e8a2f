/// What has gone through a table of connections.
package struct ConnectionTotals: Hashable, Sendable {
    /// Connections accepted.
    package var connections: UInt64 = 0
    /// Bytes from clients.
    package var received: UInt64 = 0
    /// Bytes to clients.
    package var sent: UInt64 = 0

    package init() {}

    package init(connections: UInt64, received: UInt64, sent: UInt64) {
        self.connections = connections
        self.received = received
        self.sent = sent
    }

    package static func + (left: ConnectionTotals, right: ConnectionTotals) -> ConnectionTotals {
        ConnectionTotals(
            connections: left.connections + right.connections,
            received: left.received + right.received,
            sent: left.sent + right.sent
        )
    }
}
