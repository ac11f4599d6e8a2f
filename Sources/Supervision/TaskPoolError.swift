/// Why a pool did not take a task, or did not let it end.
public enum TaskPoolError: Error, Hashable, Sendable {
    /// Every slot is taken.
    case full(name: String, limit: Int)
    /// The pool's owner is about to end.
    case closed(name: String)
    /// Whoever waited for a slot was cancelled.
    case cancelled(name: String)
    /// The task was cancelled because it took too long.
    case deadlineExceeded(name: String, deadline: Duration)
}

extension TaskPoolError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full(let name, let limit):
            "cannot start task `\(name)`: all \(limit) slots of the pool are taken; try again when a task has ended"
        case .closed(let name):
            "cannot start task `\(name)`: its pool is closed because its owner is ending; start it in another life"
        case .cancelled(let name):
            "cannot start task `\(name)`: its submitter was cancelled while it waited for a slot; submit it in "
                + "another life, or give the pool more slots"
        case .deadlineExceeded(let name, let deadline):
            "cannot finish task `\(name)` within \(deadline): it was cancelled; allow more time, "
                + "or find what it waits for"
        }
    }
}
