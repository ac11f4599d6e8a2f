/// What a pool knows of one task at one moment; the times are those since the pool's start.
public struct TaskStatus: Hashable, Sendable {
    /// The number of the task in its pool, ascending.
    public var number: UInt64
    public var name: String
    public var state: TaskState
    /// When it got its slot.
    public var created: Duration
    public var started: Duration?
    /// Since when it has been waiting; nil unless it is blocked.
    public var blocked: Duration?
    public var ended: Duration?

    /// When the task came into its state.
    public var since: Duration {
        ended ?? blocked ?? started ?? created
    }
}
