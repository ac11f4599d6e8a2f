import ServiceConfiguration

/// Who uses which member of which pool.
///
/// Pure: the same services and pools lead to the same members, also after a restart of the daemon. A service keeps
/// its member until it starts anew; then it takes the one that it used least recently among those it may have.
struct PoolAllocation: Sendable {
    /// A member of a pool.
    struct Holding: Hashable, Sendable {
        var pool: String
        var member: PoolMember
    }

    private var rosters: [String: PoolRoster] = [:]
    private var holdings: [String: Holding] = [:]
    /// What services still use that have no claim to it any more, because they left the configuration or moved to
    /// another pool: taken last.
    private var leaving: [String: Holding] = [:]
    /// The members that a service has given up, the latest last: the end of its order.
    private var spent: [String: [PoolMember]] = [:]
    /// The place of the next member of each pool that is allocated in turn.
    private var turns: [String: Int] = [:]

    /// What is known of a member beside who uses it.
    typealias Conditions = (Holding) -> MemberCondition

    /// What the service uses, as the file has it now.
    func upstream(of service: String) -> UpstreamProxy? {
        (holdings[service] ?? leaving[service]).flatMap { rosters[$0.pool]?.upstream(of: $0.member) }
    }

    /// Allocates for all of a configuration.
    ///
    /// - Parameters:
    ///   - wants: All that is wanted from then on.
    ///   - conditions: What is known of each member.
    ///   - isAlive: Whether a service still uses what it holds.
    /// - Returns: The allocation, and the wants that it cannot serve.
    func serving(
        _ wants: [PoolWant],
        conditions: Conditions = { _ in .fine },
        isAlive: (String) -> Bool
    ) -> (PoolAllocation, [PoolFailure]) {
        let wanted = Set(wants.map(\.service))
        var next = PoolAllocation()
        for want in wants where next.rosters[want.pool.name] == nil {
            next.rosters[want.pool.name] = PoolRoster(want.pool)
            next.turns[want.pool.name] = turns[want.pool.name]
        }
        // A pool that nobody wants any more is needed as long as a leaving service resolves its member.
        next.leaving = leaving.merging(holdings) { _, new in new }.filter {
            !wanted.contains($0.key) && isAlive($0.key)
        }
        for want in wants where isAlive(want.service) {
            guard let held = holdings[want.service] else { continue }
            next.leaving[want.service] = kept(want, in: next) == nil ? held : leaving[want.service]
        }
        for holding in next.leaving.values where next.rosters[holding.pool] == nil {
            next.rosters[holding.pool] = rosters[holding.pool]
        }
        next.spent = spent.filter { wanted.contains($0.key) }
        var missing: [PoolWant] = []
        var taken: [Holding: Int] = [:]
        for want in wants {
            if let holding = kept(want, in: next), taken[holding, default: 0] < want.pool.capacity {
                taken[holding, default: 0] += 1
                next.holdings[want.service] = holding
            } else {
                missing.append(want)
            }
        }
        let unserved = next.serve(missing, taken: taken, conditions)
        return (next, unserved.map { next.failure(of: $0) })
    }

    /// Lets a service take another member, when there is one that it may have.
    ///
    /// - Returns: What it has given up; nil when it keeps what it held.
    @discardableResult
    mutating func renew(_ service: String, conditions: Conditions = { _ in .fine }) -> Holding? {
        guard let held = holdings[service], let roster = rosters[held.pool] else { return nil }
        var past = (spent[service] ?? []).filter { $0 != held.member && roster.place(of: $0) != nil }
        past.append(held.member)
        spent[service] = past
        guard let place = choose(for: service, in: roster, among: free(in: roster, beside: service), conditions) else {
            return nil
        }
        let next = Holding(pool: held.pool, member: roster.members[place])
        holdings[service] = next
        return next == held ? nil : held
    }

    /// Where another request of the service may go when its own member cannot be reached; nothing is lent by this.
    ///
    /// Never for a pool that lends a member to one bridge at a time: nobody else is to use its address.
    func alternative(to service: String, conditions: Conditions) -> UpstreamProxy? {
        guard let held = holdings[service], let roster = rosters[held.pool],
            roster.settings.allocation != .exclusive
        else {
            return nil
        }
        let others = free(in: roster, beside: service).filter {
            roster.members[$0] != held.member
                && conditions(Holding(pool: held.pool, member: roster.members[$0])) != .failed
        }
        return preferred(by: service, in: roster, among: others, conditions).map { roster.settings.members[$0] }
    }

    /// What the service uses.
    func holding(of service: String) -> Holding? { holdings[service] ?? leaving[service] }

    /// What the file has for a member.
    func settings(of holding: Holding) -> UpstreamRoute? {
        rosters[holding.pool]?.upstream(of: holding.member).map { UpstreamRoute.proxy($0).unnamed }
    }

    /// The pool of the service with its members; nil when it holds none.
    func pool(of service: String) -> (settings: PoolSettings, holdings: [Holding])? {
        guard let name = holdings[service]?.pool, let roster = rosters[name] else { return nil }
        return (roster.settings, roster.members.map { Holding(pool: name, member: $0) })
    }

    /// The member that a request of the service used: its own, or another one of its pool.
    func holding(of service: String, on upstream: UpstreamRoute) -> Holding? {
        guard let held = holding(of: service), let roster = rosters[held.pool] else { return nil }
        let members = [held.member] + roster.members.filter { $0 != held.member }
        return members.lazy.map { Holding(pool: held.pool, member: $0) }.first { settings(of: $0) == upstream.unnamed }
    }

    /// Every pool that somebody uses, by name, with who holds each of its members.
    var pools: [(settings: PoolSettings, members: [(holding: Holding, holders: [String])])] {
        let names = Dictionary(grouping: holdings.merging(leaving) { held, _ in held }, by: \.value)
        return rosters.sorted { $0.key < $1.key }.map { name, roster in
            let members = roster.members.map { member in
                let holding = Holding(pool: name, member: member)
                return (holding, (names[holding] ?? []).map(\.key).sorted())
            }
            return (roster.settings, members)
        }
    }

    /// Everything that somebody uses.
    var used: Set<Holding> { Set(holdings.values).union(leaving.values) }

    /// How long a member rests when it is given up.
    func cooldown(of holding: Holding) -> Duration { rosters[holding.pool]?.settings.cooldown ?? .zero }

    /// True when somebody looks from time to time whether the member works.
    func isChecked(_ holding: Holding) -> Bool { rosters[holding.pool]?.settings.check != nil }

    /// A life of a service has ended; so many go on.
    ///
    /// Of a service that is in the configuration the last one uses what it holds now.
    ///
    /// - Returns: What it has given up.
    @discardableResult
    mutating func forget(_ service: String, lives: Int) -> Holding? {
        guard lives == 0 || lives == 1 && holdings[service] != nil else { return nil }
        return leaving.removeValue(forKey: service)
    }
}

// MARK: Choosing

extension PoolAllocation {
    private func kept(_ want: PoolWant, in next: PoolAllocation) -> Holding? {
        guard let holding = holdings[want.service] ?? leaving[want.service], holding.pool == want.pool.name else {
            return nil
        }
        return next.rosters[want.pool.name]?.place(of: holding.member) == nil ? nil : holding
    }

    /// The places that the service may have, whatever it has now.
    private func free(in roster: PoolRoster, beside service: String) -> [Int] {
        let capacity = roster.settings.capacity
        guard capacity < Int.max else { return Array(roster.members.indices) }
        var taken: [PoolMember: Int] = [:]
        for (holder, holding) in holdings where holder != service && holding.pool == roster.settings.name {
            taken[holding.member, default: 0] += 1
        }
        return roster.members.indices.filter { taken[roster.members[$0], default: 0] < capacity }
    }

    /// Serves those who hold nothing yet; returns those who get nothing.
    private mutating func serve(
        _ wants: [PoolWant],
        taken: [Holding: Int],
        _ conditions: Conditions
    ) -> [PoolWant] {
        var taken = taken
        var free: [String: [Int]] = [:]
        for (name, roster) in rosters {
            free[name] = roster.members.indices.filter {
                taken[Holding(pool: name, member: roster.members[$0]), default: 0] < roster.settings.capacity
            }
        }
        return wants.filter { want in
            guard let roster = rosters[want.pool.name], let candidates = free[want.pool.name],
                let place = choose(for: want.service, in: roster, among: candidates, conditions)
            else {
                return true
            }
            let holding = Holding(pool: want.pool.name, member: roster.members[place])
            taken[holding, default: 0] += 1
            if taken[holding, default: 0] >= want.pool.capacity { free[want.pool.name]?.removeAll { $0 == place } }
            holdings[want.service] = holding
            return false
        }
    }

    /// The member that a service gets, of the places that it may have.
    private mutating func choose(
        for service: String,
        in roster: PoolRoster,
        among places: [Int],
        _ conditions: Conditions
    ) -> Int? {
        switch roster.settings.allocation {
        case .exclusive, .shared: preferred(by: service, in: roster, among: places, conditions)
        case .roundRobin: nextInTurn(for: service, in: roster, conditions)
        }
    }

    /// The best place: one that has not failed, free of leaving services, not given up just now, not used before or
    /// longest ago, then by the service's own order.
    private func preferred(
        by service: String,
        in roster: PoolRoster,
        among places: [Int],
        _ conditions: Conditions
    ) -> Int? {
        let name = roster.settings.name
        let used = Set(leaving.values.lazy.filter { $0.pool == name }.map(\.member))
        let past = Dictionary(
            (spent[service] ?? []).enumerated().map { ($1, $0) },
            uniquingKeysWith: { _, last in last }
        )
        let hash = StableHash(service)
        let known = roster.members.map { conditions(Holding(pool: name, member: $0)) }
        return places.min { left, right in
            let (one, other) = (roster.members[left], roster.members[right])
            if (known[left] == .failed) != (known[right] == .failed) { return known[right] == .failed }
            if used.contains(one) != used.contains(other) { return used.contains(other) }
            if known[left] != known[right] { return known[left] < known[right] }
            let (age, otherAge) = (past[one] ?? -1, past[other] ?? -1)
            if age != otherAge { return age < otherAge }
            return one.weight(for: hash) > other.weight(for: hash)
        }
    }

    /// The next one that has not failed and that the service has not now, as far as there is one.
    private mutating func nextInTurn(for service: String, in roster: PoolRoster, _ conditions: Conditions) -> Int {
        let (name, count) = (roster.settings.name, roster.members.count)
        let first = (turns[name] ?? 0) % count
        let turn = (0..<count).map { (first + $0) % count }
        let others = turn.filter { holdings[service]?.member != roster.members[$0] }
        let place =
            others.first { conditions(Holding(pool: name, member: roster.members[$0])) != .failed }
            ?? others.first ?? first
        turns[name] = (place + 1) % count
        return place
    }

    private func failure(of want: PoolWant) -> PoolFailure {
        let roster = rosters[want.pool.name]
        let holders = holdings.compactMap { service, holding -> (place: Int, holder: PoolFailure.Holder)? in
            guard holding.pool == want.pool.name, let place = roster?.place(of: holding.member) else { return nil }
            return (place, PoolFailure.Holder(member: want.pool.members[place].id, service: service))
        }
        return PoolFailure(
            service: want.service,
            pool: want.pool,
            holders: holders.sorted { $0.place < $1.place }.map(\.holder)
        )
    }
}
