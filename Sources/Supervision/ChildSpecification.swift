/// How a supervisor starts, restarts and stops one child.
///
/// In OTP's words this is a child specification; which group the child belongs to is said in `TreeChange.groups`.
public struct ChildSpecification: Sendable {
    /// The name by which others require it, and the generation that this specification is of.
    public var id: ChildID
    /// Names of children that must be ready before this one runs; it stops before they do.
    public var requires: [String]
    /// After which exits it starts again, how fast, and how often before it gives up.
    public var restart: RestartPolicy
    /// How long the child may take to stop by itself; then its task is cancelled, which forces it.
    public var drain: Duration
    /// Giving up on an essential child takes its group along, and ends the supervisor when it is in none.
    ///
    /// A child that is not essential never gives up on preparing: it tries again and again, at the longest delay in the
    /// end, and neither its own intensity nor that of its group counts these attempts.
    public var essential: Bool
    /// How this child takes the place of an earlier generation of its name.
    public var replacement: Replacement
    /// What runs.
    public var service: any Service

    /// Describes a child; everything but its name and its service has a default.
    public init(
        id: ChildID,
        requires: [String] = [],
        restart: RestartPolicy = RestartPolicy(),
        drain: Duration = .seconds(10),
        essential: Bool = true,
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
