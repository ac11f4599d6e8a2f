import Supervision

/// What is to be done in the life of a program, in order.
enum ProcessAction: Hashable, Sendable {
    case announceReady
    case report(ChildCondition)
    /// A line for the log that is no condition.
    case warn(String)
    /// To the program's group.
    case signal(Int32)
    /// To every descendant.
    case kill
    /// Tells the supervisor that the program had to be killed, and why.
    case reportForced(String)
    /// The answer comes as `ProcessInput.probed` with the same number.
    case probe(Int, Probe, timeout: Duration)
    /// The program has ended; what it left behind is gone soon.
    case end(ProcessEnding)
}
