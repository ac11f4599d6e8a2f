import Logging
import Supervision

/// What every connection of a bridge shares.
struct BridgeContext: Sendable {
    let name: String
    let routes: BridgeRoutes
    let tasks: TaskPool
    let log: Logger

    /// Why the upstream must not be asked now; nil: it may.
    func refusal(for snapshot: RouteSnapshot) -> BridgeFailure? {
        routes.refusal(for: snapshot).map { .authenticationLatched($0) }
    }

    /// Learns what holds for the upstream beyond one request.
    func learn(_ result: Result<UpstreamLink, BridgeFailure>, of snapshot: RouteSnapshot) {
        switch result {
        case .success: routes.record(refused: nil, for: snapshot)
        case .failure(.authentication(let refusal)): record(refusal, of: snapshot)
        case .failure: break
        }
    }

    /// Records that the upstream refused the credential, and tells it once for each time that it was asked.
    func record(_ refusal: CredentialRefusal, of snapshot: RouteSnapshot) {
        routes.record(refused: refusal, for: snapshot)
        log.warning(
            "cannot use upstream: it \(refusal.explanation); \(refusal.advice)",
            metadata: ["bridge": "\(name)", "upstream": "\(snapshot.upstreamID)", "status": "\(refusal)"]
        )
    }

    func note(_ problem: RequestProblem, connection: UInt64) {
        log.notice("\(problem.explanation)", metadata: ["bridge": "\(name)", "connection": "\(connection)"])
    }
}
