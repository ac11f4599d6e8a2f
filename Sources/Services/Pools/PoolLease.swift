/// A life's use of the member that its service holds.
///
/// It must be released; dropping it traps.
struct PoolLease: ~Copyable, Sendable {
    private let service: String
    private var pools: UpstreamPools?

    init(service: String, pools: UpstreamPools) {
        self.service = service
        self.pools = pools
    }

    /// The life has ended.
    consuming func release() {
        pools.take()?.release(service)
    }

    deinit {
        precondition(pools == nil, "the use of a pool's member was dropped without being released")
    }
}
