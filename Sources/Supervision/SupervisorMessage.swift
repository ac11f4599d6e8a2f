/// What a driver receives: the tree's events and the commands of others.
enum SupervisorMessage: Sendable {
    case event(CoreEvent)
    /// Answered with nil when the supervisor has ended; whoever asked still owns the children then.
    case apply(TreeChange, CheckedContinuation<[ChildID: ChildState]?, Never>)
    case snapshot(CheckedContinuation<[ChildStatus], Never>)
}
