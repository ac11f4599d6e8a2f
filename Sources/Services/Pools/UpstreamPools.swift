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
        var health = PoolHealth()

        func allocation(for generation: UInt64) -> PoolAllocation {
            if let staged, staged.generation == generation { staged.allocation } else { committed }
        }

        func conditions(at now: ContinuousClock.Instant) -> PoolAllocation.Conditions {
            let health = health
            return { health.condition(of: $0, at: now) }
        }

        mutating func rest(_ holding: PoolAllocation.Holding?, at now: ContinuousClock.Instant) {
            if let holding { health.rest(holding, for: committed.cooldown(of: holding), at: now) }
        }
    }

    private let state = Mutex(State())
    /// True while a member is marked: what works is then worth telling.
    private let hasMarks = Atomic(false)
    private let now: @Sendable () -> ContinuousClock.Instant

    package convenience init() {
        self.init { .now }
    }

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Allocates a member to each want that holds none.
    ///
    /// One change at a time: the last one must have been committed or rolled back.
    ///
    /// - Parameters:
    ///   - wants: All that the next configuration needs.
    ///   - generation: The number of that configuration; services of it see the staged allocation already.
    /// - Returns: The staged allocation, or every want that cannot be served; after a failure nothing has changed.
    package func stage(_ wants: [PoolWant], generation: UInt64) -> PoolStaging {
        let now = now()
        let failures = state.withLock { state in
            precondition(state.staged == nil, "a change of the pools was staged before the last one was decided")
            let lives = state.lives
            let (allocation, failures) = state.committed.serving(wants, conditions: state.conditions(at: now)) {
                lives[$0] != nil
            }
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
        let now = now()
        let isAllocated = state.withLock { state in
            if anew, state.staged == nil {
                let conditions = state.conditions(at: now)
                state.rest(state.committed.renew(service, conditions: conditions), at: now)
            }
            guard state.allocation(for: generation).upstream(of: service) != nil else { return false }
            state.lives[service, default: 0] += 1
            return true
        }
        return isAllocated ? PoolLease(service: service, pools: self) : nil
    }

    func release(_ service: String) {
        let now = now()
        state.withLock { state in
            let lives = (state.lives[service] ?? 1) - 1
            state.lives[service] = lives > 0 ? lives : nil
            state.rest(state.committed.forget(service, lives: lives), at: now)
            state.staged?.allocation.forget(service, lives: lives)
        }
    }

    func commit() {
        let now = now()
        state.withLock { state in
            guard let staged = state.staged.take() else { return }
            let last = state.committed
            let next = staged.allocation
            for holding in last.used.subtracting(next.used) {
                state.health.rest(holding, for: last.cooldown(of: holding), at: now)
            }
            // A new credential has failed nobody yet.
            state.health.keepMarks { last.settings(of: $0) == next.settings(of: $0) && next.settings(of: $0) != nil }
            state.committed = next
            hasMarks.store(state.health.hasMarks, ordering: .relaxed)
        }
    }

    func rollBack() {
        state.withLock { $0.staged = nil }
    }
}

// MARK: Report

extension UpstreamPools {
    /// The committed allocation and what is known of its members.
    var present:
        (
            pools: [(settings: PoolSettings, members: [(holding: PoolAllocation.Holding, holders: [String])])],
            health: PoolHealth,
            now: ContinuousClock.Instant
        )
    {
        let (committed, health) = state.withLock { ($0.committed, $0.health) }
        return (committed.pools, health, now())
    }
}

// MARK: Health

extension UpstreamPools {
    /// What came of a request to move a bridge to another member.
    enum Move: Hashable, Sendable {
        case moved
        /// No other member is free.
        case nothingFree
        /// A load is being staged, which counts on what each bridge holds.
        case busy
    }

    /// Moves a service to another free member at once; whoever uses the member has to be told.
    func rotate(_ service: String) -> Move {
        let now = now()
        return state.withLock { state in
            guard state.staged == nil else { return .busy }
            let conditions = state.conditions(at: now)
            guard let last = state.committed.renew(service, conditions: conditions) else { return .nothingFree }
            state.rest(last, at: now)
            return .moved
        }
    }

    /// The member of the service did not do what it is there for: it comes last from now on.
    ///
    /// - Parameters:
    ///   - service: Whose request has failed.
    ///   - upstream: Where the request went, which may be a member that the service has left.
    ///   - word: An error type of RFC 9209.
    func mark(_ service: String, on upstream: UpstreamRoute, _ word: String) {
        let now = now()
        state.withLock { state in
            guard let holding = state.committed.holding(of: service, on: upstream) else { return }
            state.health.mark(holding, word, at: now)
            hasMarks.store(true, ordering: .relaxed)
        }
    }

    /// The member of the service works; costs nothing while no member is marked.
    func clear(_ service: String, on upstream: UpstreamRoute) {
        unmark(service, on: upstream) { $0.clear($1) }
    }

    /// The member of the service can be reached; costs nothing while no member is marked.
    func reach(_ service: String, on upstream: UpstreamRoute) {
        unmark(service, on: upstream) { $0.reach($1) }
    }

    private func unmark(
        _ service: String,
        on upstream: UpstreamRoute,
        _ change: (inout PoolHealth, PoolAllocation.Holding) -> Void
    ) {
        guard hasMarks.load(ordering: .relaxed) else { return }
        state.withLock { state in
            guard let holding = state.committed.holding(of: service, on: upstream) else { return }
            change(&state.health, holding)
            hasMarks.store(state.health.hasMarks, ordering: .relaxed)
        }
    }

    /// What a bridge that looks after its pool does next; no member is asked by two bridges.
    ///
    /// `rests` tells how long credentials must not be shown.
    func nextCheck(for service: String, holdingBack rests: [ShownCredential: Duration] = [:]) -> CheckTurn {
        let now = now()
        return state.withLock { state in
            guard let (pool, holdings) = state.committed.pool(of: service), let check = pool.check else { return .none }
            let committed = state.committed
            let next = state.health.nextCheck(
                of: holdings,
                every: check.interval,
                at: now,
                rest: {
                    rests.isEmpty ? nil : committed.settings(of: $0).flatMap(ShownCredential.init).flatMap { rests[$0] }
                },
                random: { .random(in: 0...1) }
            )
            guard let holding = next.holding, case .proxy(let member)? = state.committed.settings(of: holding) else {
                return .wait(next.wait)
            }
            return .ask(holding, ProbeQuestion.Matter(checking: member, within: check.timeout))
        }
    }

    /// Takes what a check has found out; what is not certain changes nothing.
    func record(_ answer: ProbeAnswer, of holding: PoolAllocation.Holding, _ matter: ProbeQuestion.Matter) {
        let now = now()
        state.withLock { state in
            // A reload may have changed the member meanwhile.
            guard state.committed.settings(of: holding) == matter.upstream else { return }
            switch answer {
            case .accepted: state.health.clear(holding)
            case .rejected: state.health.mark(holding, FailureAttribution.upstreamAuth.rawValue, at: now)
            case .unusable(let word, _), .unreachable(let word): state.health.mark(holding, word, at: now)
            case .inconclusive: break
            }
            hasMarks.store(state.health.hasMarks, ordering: .relaxed)
        }
    }

    /// Another member for the first attempt of a request, while the service's own has failed of late.
    ///
    /// Nil: the own one comes first. Costs nothing while no member is marked.
    func detour(around upstream: UpstreamRoute, of service: String) -> UpstreamProxy? {
        guard hasMarks.load(ordering: .relaxed) else { return nil }
        let now = now()
        return state.withLock { state in
            guard let held = state.committed.holding(of: service), state.health.mark(of: held, at: now)?.isDown == true,
                state.committed.settings(of: held) == upstream.unnamed,
                let other = state.committed.alternative(to: service, conditions: state.conditions(at: now)),
                !state.health.beginTrial(of: held, isChecked: state.committed.isChecked(held), at: now)
            else { return nil }
            return other
        }
    }

    /// Another member for one request, when the member of the service cannot be reached.
    func alternative(to service: String) -> UpstreamProxy? {
        let now = now()
        return state.withLock { $0.committed.alternative(to: service, conditions: $0.conditions(at: now)) }
    }
}
