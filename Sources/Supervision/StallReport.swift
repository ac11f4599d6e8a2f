/// What a stall detector has found out.
public enum StallReport: Hashable, Sendable {
    /// A loop has not answered for longer than its limit.
    case blocked(name: String, silent: Duration)
    /// A loop that was reported as blocked answers again.
    case recovered(name: String, after: Duration)
    /// A task has been waiting for longer than its pool's limit.
    case taskBlocked(WaitingTask)
    /// A task that was reported waits no longer.
    case taskRecovered(WaitingTask)
    /// Tasks wait for each other in a circle, each for the next and the last for the first.
    case possibleDeadlock([WaitingTask])
}

extension StallReport: CustomStringConvertible {
    public var description: String {
        switch self {
        case .blocked(let name, let silent):
            "`\(name)` has been silent for \(silent.words); find what holds it up"
        case .recovered(let name, let after):
            "`\(name)` answers again after \(after.words)"
        case .taskBlocked(let task):
            "blocked: \(task)"
        case .taskRecovered(let task):
            "no longer blocked: \(task)"
        case .possibleDeadlock(let circle):
            "possible deadlock: " + circle.map(\.description).joined(separator: ", ") + "; cancel one of them"
        }
    }
}
