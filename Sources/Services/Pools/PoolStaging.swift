/// The outcome of staging pools: an allocation to commit or roll back, or every service that gets nothing.
package enum PoolStaging: ~Copyable, Sendable {
    case staged(StagedPools)
    case failed([PoolFailure])
}
