/// What happens in a tree, for logs and status; each is reported once, in order.
public enum SupervisionEvent: Sendable {
    /// The child is in another state.
    case changed(ChildID, ChildState)
    /// The child crashed, or could not be prepared.
    case crashed(ChildID, error: String)
    /// The child starts again by itself; its group may restart first.
    case willRestart(ChildID, after: Duration)
    /// The child failed and is not started again by itself.
    case gaveUp(ChildID, reason: String)
    /// What did not end within the drain time and was cut, one line each.
    case forced(ChildID, [String])
    /// The child did not even end when it was forced, within the limit for that.
    case unresponsive(ChildID)
    /// A running child reported that it does differently; the next life starts as fine, without an event.
    case conditionChanged(ChildID, ChildCondition)
    /// The children in `restarting` stop and start again because `failed`, a child or a group, failed.
    case groupRestarts(String, failed: String, restarting: [ChildID])
    /// A group was past its intensity, or an essential member of it gave up: all of it stops.
    ///
    /// `after`: when it starts anew; nil: it does not by itself, the group around it or the root gives up.
    case groupGaveUp(String, reason: String, after: Duration?)
}
