/// What a supervisor knows of one child at one moment.
public struct ChildStatus: Sendable {
    public var id: ChildID
    /// Where it is in its life.
    public var state: ChildState
    /// How long the child has been in this state.
    public var age: Duration
    /// How often it was started again, with its group or alone.
    public var restarts: Int
    /// The text of the last crash, or of the preparation that failed.
    public var lastError: String?
    /// The time until the next attempt, when backing off.
    public var nextRestart: Duration?
    /// The innermost group that the child belongs to; nil: the root.
    public var group: String?
    /// How it does while it runs.
    public var condition: ChildCondition

    /// Puts a status together.
    public init(
        id: ChildID,
        state: ChildState,
        age: Duration,
        restarts: Int,
        lastError: String?,
        nextRestart: Duration?,
        group: String? = nil,
        condition: ChildCondition = .fine
    ) {
        self.id = id
        self.state = state
        self.age = age
        self.restarts = restarts
        self.lastError = lastError
        self.nextRestart = nextRestart
        self.group = group
        self.condition = condition
    }
}
