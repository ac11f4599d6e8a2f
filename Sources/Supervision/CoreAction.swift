/// What the core wants done; the driver does it, in order.
enum CoreAction: Sendable {
    /// A child of a change is now part of the tree.
    case adopt(ChildID)
    /// Runs a child whose preparation came with the change.
    case run(ChildID)
    /// Prepares a child anew and runs it.
    case restart(ChildID)
    /// Rolls a child back that never ran; it answers with `exited`.
    case discard(ChildID)
    /// Rolls a child back that the tree did not take; nobody waits for an answer.
    case refuse(ChildID)
    /// Asks a child to stop: the first rung of the ladder.
    case ask(ChildID)
    /// Cancels the task of a child, which forces it: the second rung.
    case cancel(ChildID)
    /// The child is no longer part of the tree.
    case forget(ChildID)
    case setTimer(TimerID, after: Duration)
    case cancelTimer(TimerID)
    case report(SupervisionEvent)
    case reply(change: Int, [ChildID: ChildState])
    /// Nothing runs any more; the last action of a core.
    case end(Supervisor.End)
}
