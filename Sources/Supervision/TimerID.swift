/// Names one timer, used once.
enum TimerID: Hashable, Sendable {
    /// A timer of the child that was added as number `sequence`.
    case child(ChildID, sequence: Int, number: Int)
    /// The delay of a group that gave up.
    case group(String, number: Int)
    case shutDownLimit
}
