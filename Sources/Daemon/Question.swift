import ControlPlane

/// What somebody on the control plane asks of the daemon's loop; each is answered exactly once.
enum Question: Sendable {
    typealias Reply<Answer: Sendable> = CheckedContinuation<Answer, Never>
    typealias Verdictive = Reply<Result<VerdictDocument, Refusal>>

    case snapshot(Reply<Snapshot>)
    case connections(String?, Reply<Result<ConnectionList, Refusal>>)
    case reload(confirmWithin: Duration?, Verdictive)
    case order(Order, String, Verdictive)
    case confirm(Verdictive)
    case plan(file: String?, Verdictive)
    case rotate(String, Reply<Result<RotationDocument, Refusal>>)
}
