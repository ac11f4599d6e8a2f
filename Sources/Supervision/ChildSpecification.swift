/// How a supervisor starts, restarts and stops one child.
public struct ChildSpecification: Sendable {
    public var id: ChildID
    /// Names of children that must be ready before this one runs; it stops before they do.
    public var requires: [String]
    public var restart: RestartPolicy
    /// How long the child may take to stop by itself; then its task is cancelled, which forces it.
    public var drain: Duration
    /// Giving up on an essential child ends its supervisor.
    public var essential: Bool
    /// How this child takes the place of an earlier generation of its name.
    public var replacement: Replacement
    public var service: any Service

    public init(
        id: ChildID,
        requires: [String],
        restart: RestartPolicy,
        drain: Duration,
        essential: Bool,
        replacement: Replacement = .overlapping,
        service: any Service
    ) {
        self.id = id
        self.requires = requires
        self.restart = restart
        self.drain = drain
        self.essential = essential
        self.replacement = replacement
        self.service = service
    }
}
