/// What a task pool holds at one moment, and what it has held.
public struct TaskPoolStatus: Hashable, Sendable {
    public var name: String
    /// How many tasks the pool takes at a time.
    public var limit: Int
    /// The tasks that have not ended, oldest first.
    public var tasks: [TaskStatus]
    /// How many tasks have ended in each way since the pool was made.
    public var completed: Int
    public var failed: Int
    public var cancelled: Int
    /// The pools inside this one, by name.
    public var children: [TaskPoolStatus] = []
}
