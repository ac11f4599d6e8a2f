/// What happens in a tree, for logs and status; each is reported once, in order.
public enum SupervisionEvent: Sendable {
    case changed(ChildID, ChildState)
    case crashed(ChildID, error: String)
    case willRestart(ChildID, after: Duration)
    case gaveUp(ChildID, reason: String)
    /// What did not end within the drain time and was cut, one line each.
    case forced(ChildID, [String])
    /// The child did not even end when it was forced, within the limit for that.
    case unresponsive(ChildID)
    /// A running child reported how it does.
    case conditionChanged(ChildID, ChildCondition)
    /// The children in `restarting` stop and start again because `failed`, a child or a group, failed.
    case groupRestarts(String, failed: String, restarting: [ChildID])
    /// A group was past its intensity, or an essential child of it gave up; `after`: when it starts anew, nil: never.
    case groupGaveUp(String, reason: String, after: Duration?)
}
