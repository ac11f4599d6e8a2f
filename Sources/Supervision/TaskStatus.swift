/// What a pool knows of one task at one moment.
public struct TaskStatus: Hashable, Sendable {
    /// The number of the task in its pool, ascending.
    public var number: UInt64
    public var name: String
    public var state: TaskState
    /// When it got its slot, as time since the pool's start.
    public var created: Duration
    public var started: Duration?
    public var ended: Duration?
}
