/// The life of a task in a pool.
public enum TaskState: String, Hashable, Sendable, CaseIterable {
    /// It has a slot and has not begun.
    case created
    case running
    case completed
    /// It threw, or exceeded its deadline.
    case failed
    /// It ended, or never began, because someone cancelled it.
    case cancelled
}
