/// A task as its pool sees it: the type of its result is folded away.
protocol PooledTask: AnyObject, Sendable {
    var name: String { get }
    var pool: TaskPool { get }
    /// Given by the pool, with the slot.
    var number: UInt64 { get }
    var slot: Int { get }
    /// The batch to which the task belongs.
    var batchIdentity: ObjectIdentifier? { get }
    /// State and times, without what the pool knows of its waiting.
    var ownStatus: TaskStatus { get }
    /// What runs the operation at the moment.
    var runner: RunningTask? { get }

    func admit(number: UInt64, slot: Int)
    func cancel()
    /// Runs the task to its end; returns the next task for the same runner.
    func perform(on runner: RunningTask) async -> (any PooledTask)?
}
