import ServiceConfiguration

/// What whoever looks after a pool does next.
enum CheckTurn: Sendable {
    /// Ask this member, which nobody else asks now.
    case ask(PoolAllocation.Holding, ProbeQuestion.Matter)
    case wait(Duration)
    /// The pool is not looked after.
    case none
}
