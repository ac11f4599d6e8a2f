/// The answer of `GET /v1/connections`.
package struct ConnectionList: Codable, Hashable, Sendable {
    /// How many a list holds at most; the rest is only counted.
    package static let limit = 10_000

    package var version = 1
    package var connections: [ConnectionStatus]
    /// How many more there are.
    package var omitted: Int

    package init(_ connections: [ConnectionStatus], omitted: Int = 0) {
        self.connections = connections
        self.omitted = omitted
    }
}
