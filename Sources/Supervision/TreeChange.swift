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
    /// A child in no group belongs to the root.
    public var groups: [GroupSpecification]?

    public init() {}
}
