/// What a committed configuration changes in the tree, all at once.
public struct TreeChange: Sendable {
    /// Children to run; each already holds what it needs.
    public var start: [PreparedChild] = []
    /// Children to stop; one that `start` replaces by name stops after its replacement is ready.
    public var stop: [ChildID] = []
    /// Children that go on under a changed specification (restart policy, drain, requirements).
    public var update: [ChildSpecification] = []

    /// The complete set of groups from now on; nil: as before.
    ///
    /// A child in no group belongs to the root. Children that only change their group, and groups that only change
    /// their rules, are not touched; a failure that a group has counted stays with it. A member that is named twice
    /// belongs to the first group, a group that would contain itself to the root.
    public var groups: [GroupSpecification]?

    /// Names of children that are on trial from now on, until the next change or `Supervisor.endTrial()`.
    ///
    /// When one of them, or a group around it, gives up so far that the root would end, the root goes on instead, and
    /// so does a child that one of them was to replace: whoever hears the event may bring back what was before.
    public var onTrial: Set<String> = []

    /// Changes nothing yet.
    public init() {}
}
