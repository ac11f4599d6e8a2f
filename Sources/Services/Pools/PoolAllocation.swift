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

    /// What the service uses, as the file has it now.
    func upstream(of service: String) -> UpstreamProxy? {
        (holdings[service] ?? leaving[service]).flatMap { rosters[$0.pool]?.upstream(of: $0.member) }
    }

    /// Allocates for all of a configuration.
    ///
    /// - Parameters:
    ///   - wants: All that is wanted from then on.
    ///   - isAlive: Whether a service still uses what it holds.
    /// - Returns: The allocation, and the wants that it cannot serve.
    func serving(_ wants: [PoolWant], isAlive: (String) -> Bool) -> (PoolAllocation, [PoolFailure]) {
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
        var taken: Set<Holding> = []
        for want in wants {
            if let holding = kept(want, in: next), taken.insert(holding).inserted || !want.isExclusive {
                next.holdings[want.service] = holding
            } else {
                missing.append(want)
            }
        }
        let unserved = next.serve(missing, taken: taken)
        return (next, unserved.map { next.failure(of: $0) })
    }

    /// Lets a service that starts anew take another member, when there is one that it may have.
    mutating func renew(_ service: String) {
        guard let held = holdings[service], let roster = rosters[held.pool] else { return }
        var past = (spent[service] ?? []).filter { $0 != held.member && roster.place(of: $0) != nil }
        past.append(held.member)
        spent[service] = past
        let isExclusive = roster.settings.allocation == .exclusive
        let taken = isExclusive ? Set(holdings.filter { $0.key != service }.values) : []
        let free = roster.members.indices.filter {
            !taken.contains(Holding(pool: held.pool, member: roster.members[$0]))
        }
        if let place = choose(for: service, in: roster, among: free) {
            holdings[service] = Holding(pool: held.pool, member: roster.members[place])
        }
    }

    /// A life of a service has ended; so many go on.
    ///
    /// Of a service that is in the configuration the last one uses what it holds now.
    mutating func forget(_ service: String, lives: Int) {
        guard lives == 0 || lives == 1 && holdings[service] != nil else { return }
        leaving[service] = nil
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

    /// Serves those who hold nothing yet; returns those who get nothing.
    private mutating func serve(_ wants: [PoolWant], taken: Set<Holding>) -> [PoolWant] {
        var free: [String: [Int]] = [:]
        for (name, roster) in rosters {
            free[name] = roster.members.indices.filter {
                roster.settings.allocation != .exclusive
                    || !taken.contains(Holding(pool: name, member: roster.members[$0]))
            }
        }
        return wants.filter { want in
            guard let roster = rosters[want.pool.name], let candidates = free[want.pool.name],
                let place = choose(for: want.service, in: roster, among: candidates)
            else {
                return true
            }
            if want.isExclusive { free[want.pool.name]?.removeAll { $0 == place } }
            holdings[want.service] = Holding(pool: want.pool.name, member: roster.members[place])
            return false
        }
    }

    /// The member that a service gets, of the places that it may have.
    private mutating func choose(for service: String, in roster: PoolRoster, among places: [Int]) -> Int? {
        switch roster.settings.allocation {
        case .exclusive, .shared: preferred(by: service, in: roster, among: places)
        case .roundRobin: nextInTurn(for: service, in: roster)
        }
    }

    /// The best place: free of leaving services, not used before or longest ago, then by the service's own order.
    private func preferred(by service: String, in roster: PoolRoster, among places: [Int]) -> Int? {
        let name = roster.settings.name
        let used = Set(leaving.values.lazy.filter { $0.pool == name }.map(\.member))
        let past = Dictionary(
            (spent[service] ?? []).enumerated().map { ($1, $0) },
            uniquingKeysWith: { _, last in last }
        )
        let hash = StableHash(service)
        return places.min { left, right in
            let (one, other) = (roster.members[left], roster.members[right])
            if used.contains(one) != used.contains(other) { return used.contains(other) }
            let (age, otherAge) = (past[one] ?? -1, past[other] ?? -1)
            if age != otherAge { return age < otherAge }
            return one.weight(for: hash) > other.weight(for: hash)
        }
    }

    private mutating func nextInTurn(for service: String, in roster: PoolRoster) -> Int {
        let count = roster.members.count
        var place = (turns[roster.settings.name] ?? 0) % count
        if count > 1, holdings[service]?.member == roster.members[place] { place = (place + 1) % count }
        turns[roster.settings.name] = (place + 1) % count
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

extension PoolWant {
    fileprivate var isExclusive: Bool { pool.allocation == .exclusive }
}
