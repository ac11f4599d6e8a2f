/// The life of a task in a pool.
///
/// ```
/// created    begin     running
///            cancel    cancelled
/// running    await     blocked: it awaits another task, or a slot of a pool
///            return    completed
///            throw     failed, or cancelled when it was cancelled before
///            deadline  failed, as soon as the operation has ended
/// blocked    resume    running
/// completed, failed, cancelled: nothing more
/// ```
public enum TaskState: String, Hashable, Sendable, CaseIterable {
    /// It has a slot and has not begun.
    case created
    case running
    /// It waits for another task of a pool, or for a slot.
    case blocked
    case completed
    /// It threw, or exceeded its deadline.
    case failed
    /// It ended, or never began, because someone cancelled it.
    case cancelled
}
