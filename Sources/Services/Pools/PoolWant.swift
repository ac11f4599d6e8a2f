package import ServiceConfiguration

/// A service that needs a member of a pool.
package struct PoolWant: Hashable, Sendable {
    package var service: String
    package var pool: PoolSettings

    package init(service: String, pool: PoolSettings) {
        self.service = service
        self.pool = pool
    }
}

extension Configuration {
    /// Every member of a pool that the configuration needs, in the order of the services.
    package var poolWants: [PoolWant] {
        services.compactMap { service in
            guard case .proxyBridge(let bridge) = service.kind, case .pool(let pool) = bridge.upstream else {
                return nil
            }
            return PoolWant(service: service.name, pool: pool)
        }
    }
}
