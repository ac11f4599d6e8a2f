/// An allocation that serves every service of the next configuration and is not in force yet.
///
/// It is either committed or rolled back; dropping it traps.
package struct StagedPools: ~Copyable, Sendable {
    private var pools: UpstreamPools?

    init(pools: UpstreamPools) {
        self.pools = pools
    }

    /// Puts the allocation in force.
    package consuming func commit() {
        pools.take()?.commit()
    }

    /// Leaves everything as it was.
    package consuming func rollBack() {
        pools.take()?.rollBack()
    }

    deinit {
        precondition(pools == nil, "a staged allocation of pools was dropped, neither committed nor rolled back")
    }
}
