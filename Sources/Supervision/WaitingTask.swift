/// A task that waits for others, or for a slot, at one moment.
public struct WaitingTask: Hashable, Sendable {
    /// What it waits for.
    public enum Cause: Hashable, Sendable {
        /// The end of another task.
        case task(pool: String, number: UInt64, name: String)
        /// A free slot.
        case slot(pool: String)
        /// The tasks of a batch.
        case batch(pool: String)
    }

    /// The name of its pool.
    public var pool: String
    /// Its number in the pool.
    public var number: UInt64
    public var name: String
    public var cause: Cause
    /// For how long it has been waiting.
    public var waited: Duration
}

extension WaitingTask: CustomStringConvertible {
    public var description: String {
        "`\(name)` (\(pool) #\(number)) has been waiting \(waited.words) for \(cause)"
    }
}

extension WaitingTask.Cause: CustomStringConvertible {
    public var description: String {
        switch self {
        case .task(let pool, let number, let name): "`\(name)` (\(pool) #\(number))"
        case .slot(let pool): "a slot of `\(pool)`"
        case .batch(let pool): "a batch of `\(pool)`"
        }
    }
}
