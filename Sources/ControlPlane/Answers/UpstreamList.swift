/// The answer of `GET /v1/upstreams`: who uses which upstream, and every pool.
package struct UpstreamList: Codable, Hashable, Sendable {
    /// The upstream of one bridge.
    package struct Use: Codable, Hashable, Sendable {
        package var service: String
        package var bridge: BridgeStatus

        package init(service: String, bridge: BridgeStatus) {
            self.service = service
            self.bridge = bridge
        }
    }

    package var version = 1
    package var uses: [Use]
    package var pools: [PoolStatus]

    /// The part of a snapshot that is about upstreams.
    package init(of snapshot: Snapshot) {
        uses = snapshot.services.filter(\.current).compactMap { service in
            service.bridge.map { Use(service: service.name, bridge: $0) }
        }
        pools = snapshot.pools
    }
}
