package import ServiceConfiguration
import Synchronization

/// Who uses which member of each pool; one object for the daemon, like the table of listeners.
///
/// A service holds one member, whichever of its generations uses it. The allocation in force serves every service of
/// the committed configuration, so a restart always finds a member.
package final class UpstreamPools: Sendable {
    private struct State {
        var committed = PoolAllocation()
        var staged: (generation: UInt64, allocation: PoolAllocation)?
        /// How many lives use what their service holds.
        var lives: [String: Int] = [:]

        func allocation(for generation: UInt64) -> PoolAllocation {
            if let staged, staged.generation == generation { staged.allocation } else { committed }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Allocates a member to each want that holds none.
    ///
    /// One change at a time: the last one must have been committed or rolled back.
    ///
    /// - Parameters:
    ///   - wants: All that the next configuration needs.
    ///   - generation: The number of that configuration; services of it see the staged allocation already.
    /// - Returns: The staged allocation, or every want that cannot be served; after a failure nothing has changed.
    package func stage(_ wants: [PoolWant], generation: UInt64) -> PoolStaging {
        let failures = state.withLock { state in
            precondition(state.staged == nil, "a change of the pools was staged before the last one was decided")
            let lives = state.lives
            let (allocation, failures) = state.committed.serving(wants) { lives[$0] != nil }
            if failures.isEmpty { state.staged = (generation, allocation) }
            return failures
        }
        return failures.isEmpty ? .staged(StagedPools(pools: self)) : .failed(failures)
    }

    /// The member that a service uses in a configuration; nil when it wants none there.
    package func upstream(of service: String, generation: UInt64) -> UpstreamProxy? {
        state.withLock { $0.allocation(for: generation).upstream(of: service) }
    }

    /// Begins a life of a service.
    ///
    /// - Parameters:
    ///   - service: The service's name.
    ///   - generation: The configuration that the service has its settings from.
    ///   - anew: True for a life after another one: the service takes another member if there is one. Not while a
    ///     change is staged, which has counted on what each service holds.
    /// - Returns: The lease; nil when nothing is allocated to the service.
    func lease(_ service: String, generation: UInt64, anew: Bool) -> PoolLease? {
        let isAllocated = state.withLock { state in
            if anew, state.staged == nil { state.committed.renew(service) }
            guard state.allocation(for: generation).upstream(of: service) != nil else { return false }
            state.lives[service, default: 0] += 1
            return true
        }
        return isAllocated ? PoolLease(service: service, pools: self) : nil
    }

    func release(_ service: String) {
        state.withLock { state in
            let lives = (state.lives[service] ?? 1) - 1
            state.lives[service] = lives > 0 ? lives : nil
            state.committed.forget(service, lives: lives)
            state.staged?.allocation.forget(service, lives: lives)
        }
    }

    func commit() {
        state.withLock { state in
            if let staged = state.staged.take() { state.committed = staged.allocation }
        }
    }

    func rollBack() {
        state.withLock { $0.staged = nil }
    }
}
