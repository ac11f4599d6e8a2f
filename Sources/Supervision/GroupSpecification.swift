/// Children that fail together: a supervisor inside the supervision tree.
///
/// A group is named like a child; the names of children and groups of one tree differ. When a member fails, the
/// strategy says who restarts with it: the covered children stop in reverse order of their requirements, are held until
/// all are down and the delay of the failed one is over, and start in the order of their requirements. A group covers
/// names, so a later generation of a member belongs to it too.
///
/// ```swift
/// GroupSpecification(name: "session", strategy: .oneForAll, members: ["bridge", "browser"])
/// ```
public struct GroupSpecification: Hashable, Sendable {
    public var name: String
    /// Who restarts with a member that failed.
    public var strategy: Strategy
    /// How many restarts of its children are allowed within `period`; the next failure gives the group up.
    public var intensity: Int
    /// The sliding period that `intensity` is about.
    public var period: Duration
    /// How the group itself starts again after it gave up; past it the group's parent gives up, level by level.
    public var restart: RestartPolicy
    /// Names of children and of groups, in the order of rest-for-one; each has one parent.
    public var members: [String]

    /// Describes a group: one-for-one, five restarts within a minute, unless said otherwise.
    public init(
        name: String,
        strategy: Strategy = .oneForOne,
        intensity: Int = 5,
        period: Duration = .seconds(60),
        restart: RestartPolicy = .ofGroups,
        members: [String]
    ) {
        self.name = name
        self.strategy = strategy
        self.intensity = intensity
        self.period = period
        self.restart = restart
        self.members = members
    }
}

extension RestartPolicy {
    /// A group that gave up starts again up to three times within a minute.
    public static var ofGroups: RestartPolicy {
        var policy = RestartPolicy()
        policy.intensity = 3
        return policy
    }
}
