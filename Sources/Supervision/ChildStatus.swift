/// What a supervisor knows of one child at one moment.
public struct ChildStatus: Sendable {
    public var id: ChildID
    public var state: ChildState
    /// How long the child has been in this state.
    public var age: Duration
    public var restarts: Int
    /// The text of the last crash.
    public var lastError: String?
    /// The time until the next attempt, when backing off.
    public var nextRestart: Duration?

    public init(
        id: ChildID,
        state: ChildState,
        age: Duration,
        restarts: Int,
        lastError: String?,
        nextRestart: Duration?
    ) {
        self.id = id
        self.state = state
        self.age = age
        self.restarts = restarts
        self.lastError = lastError
        self.nextRestart = nextRestart
    }
}
