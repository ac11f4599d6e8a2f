/// What happens to a supervisor.
enum CoreEvent: Sendable {
    case apply(CoreChange)
    /// A restarted child has acquired what it needs and runs.
    case prepared(ChildID)
    case ready(ChildID)
    case exited(ChildID)
    /// A crash, or a failed preparation; either way nothing is held any more.
    case crashed(ChildID, error: String)
    /// What a child had to cut.
    case cut(ChildID, [String])
    case condition(ChildID, ChildCondition)
    case fired(TimerID)
    /// What was held back for the children on trial happens now.
    case endTrial
    /// Nobody waits any more until what was started is ready.
    case answerChanges
    case shutDown(limit: Duration)
    case force
}
