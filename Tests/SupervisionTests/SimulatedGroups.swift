@testable import Supervision

/// The groups of a simulated tree, kept by the rules of the contract and not by those of the core.
struct SimulatedGroups {
    /// What restarts together: open from the failure until the first of it starts again.
    struct OpenRound {
        var names: Set<String>
        var failed: String
        /// When the delay of the failed member is over; nil when two rounds became one.
        var due: Duration?
    }

    var specifications: [String: GroupSpecification] = [:]
    var parents: [String: String] = [:]
    var rounds: [OpenRound] = []
    /// Groups that gave up and have not started anew.
    var down: Set<String> = []
    /// When the members of each group started again, and when each group did.
    var restarts: [String: [Duration]] = [:]
    var ownRestarts: [String: [Duration]] = [:]
    /// The group that bears the coming restart of a child.
    var bearer: [ChildID: String] = [:]
    var bearerOfGroup: [String: String] = [:]
    /// How many times something restarted together.
    var roundCount = 0
    var giveUpCount = 0

    mutating func declare(_ groups: [GroupSpecification]) {
        specifications = Dictionary(groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        parents = [:]
        for group in groups {
            for member in group.members {
                parents[member] = group.name
            }
        }
        // Who leaves a group takes along what it was about to bear.
        bearer = bearer.filter { parents[$0.key.name] == $0.value }
        bearerOfGroup = bearerOfGroup.filter { parents[$0.key] == $0.value }
        restarts = restarts.filter { specifications[$0.key] != nil }
        ownRestarts = ownRestarts.filter { specifications[$0.key] != nil }
        down.formIntersection(specifications.keys)
    }

    func leaves(of name: String) -> [String] {
        guard let group = specifications[name] else { return [name] }
        return group.members.flatMap { leaves(of: $0) }
    }

    func isInsideDownGroup(_ name: String) -> Bool {
        guard let parent = parents[name] else { return false }
        return down.contains(parent) || isInsideDownGroup(parent)
    }

    /// Whose restart goes with that of a failed member, by the strategy.
    func covered(by failed: String, in group: String) -> [String] {
        guard let group = specifications[group], group.name != failed else { return [failed] }
        switch group.strategy {
        case .oneForOne: return [failed]
        case .oneForAll: return group.members
        case .restForOne: return Array(group.members.drop { $0 != failed })
        }
    }

    /// Opens a round, which swallows what is still covered of those that overlap.
    ///
    /// Returns the groups inside it, whose failures are forgotten.
    mutating func open(
        _ failed: String,
        in group: String,
        due: Duration?,
        isCovered: (String) -> Bool
    ) -> [String] {
        roundCount += 1
        let members = covered(by: failed, in: group)
        var round = OpenRound(names: Set(members.flatMap { leaves(of: $0) }), failed: failed, due: due)
        for other in rounds where !other.names.isDisjoint(with: round.names) {
            round.names.formUnion(other.names.filter(isCovered))
            round.due = nil
        }
        rounds.removeAll { !$0.names.isDisjoint(with: round.names) }
        rounds.append(round)
        return members.filter { specifications[$0] != nil }
    }

    /// Forgets the failures inside a group that starts anew.
    mutating func freshen(_ name: String) {
        restarts[name] = []
        for member in specifications[name]?.members ?? [] where specifications[member] != nil {
            ownRestarts[member] = []
            down.remove(member)
            freshen(member)
        }
    }

    /// Counts a restart; returns how many there were within the period and how many are allowed.
    mutating func count(in name: String, at now: Duration) -> (count: Int, limit: Int) {
        guard let group = specifications[name] else { return (0, 0) }
        restarts[name, default: []].append(now)
        return (restarts[name, default: []].count { now - $0 < group.period }, group.intensity)
    }

    mutating func countOwn(_ name: String, at now: Duration) -> (count: Int, limit: Int) {
        guard let policy = specifications[name]?.restart else { return (0, 0) }
        ownRestarts[name, default: []].append(now)
        return (ownRestarts[name, default: []].count { now - $0 < policy.period }, policy.intensity)
    }
}
