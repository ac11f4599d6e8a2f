import Logging
import Sockets
import Supervision

/// What every connection of a bridge shares.
struct BridgeContext: Sendable {
    let name: String
    let routes: BridgeRoutes
    let tasks: TaskPool
    let log: Logger
    /// Tells the bridge from others of its name.
    var nonce: UInt32 = 0

    var pseudonym: ViaPseudonym { ViaPseudonym(bridge: name, nonce: nonce) }

    /// Why the upstream must not be asked now; nil: it may.
    func refusal(for snapshot: RouteSnapshot) -> BridgeFailure? {
        routes.refusal(for: snapshot).map { .authenticationLatched(received: $0) }
    }

    /// Learns what holds for the upstream beyond one request.
    func learn(_ result: Result<UpstreamLink, BridgeFailure>, of snapshot: RouteSnapshot) {
        switch result {
        case .success: routes.record(refused: nil, for: snapshot)
        case .failure(.authentication(let received)): recordRefusal(status: received, of: snapshot)
        case .failure: break
        }
    }

    /// Records that the upstream refused the credential, and tells it once for each time that it was asked.
    func recordRefusal(status: Int, of snapshot: RouteSnapshot) {
        routes.record(refused: status, for: snapshot)
        log.warning(
            "cannot use upstream: it refused the credential; correct the credential and reload",
            metadata: ["bridge": "\(name)", "upstream": "\(snapshot.upstreamID)", "status": "\(status)"]
        )
    }

    func noteUnauthenticated(_ connection: Connection) {
        log.notice(
            "cannot serve client: it did not authenticate; give it the credential of `auth`",
            metadata: ["bridge": "\(name)", "connection": "\(connection.id)", "client": "\(connection.peer)"]
        )
    }

    func note(_ problem: RequestProblem, connection: UInt64) {
        log.notice("\(problem.explanation)", metadata: ["bridge": "\(name)", "connection": "\(connection)"])
    }
}
