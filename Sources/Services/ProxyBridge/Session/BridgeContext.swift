import Logging
import Sockets
import Supervision

/// What every connection of a bridge shares.
struct BridgeContext: Sendable {
    let name: String
    let routes: BridgeRoutes
    let tasks: TaskPool
    /// The upstream connections that rest between two requests.
    let links: LinkPools
    let log: Logger
    /// Hears how members of pools do.
    let pools: UpstreamPools
    let counting: BridgeCounting
    /// Have what TLS needs for another member of the pool.
    let contexts: TLSContexts
    /// Tells the bridge from others of its name.
    let nonce: UInt32
    /// How long a client for which there is no place may take to ask: its refusal takes the place of another one.
    let refusalTime: Duration

    var pseudonym: ViaPseudonym { ViaPseudonym(bridge: name, nonce: nonce) }

    /// Why the upstream must not be asked now; nil: it may.
    func refusal(for snapshot: RouteSnapshot) -> BridgeFailure? {
        routes.refusal(for: snapshot).map { .authenticationLatched($0) }
    }

    /// Learns what holds for the upstream beyond one request.
    func learn(_ result: Result<UpstreamLink, BridgeFailure>, by opening: RouteOpening, of snapshot: RouteSnapshot) {
        switch result {
        case .success:
            // Without a dialogue nothing is known yet of what the proxy thinks of its credential.
            if opening.hasDialogue { recordSuccess(of: snapshot) }
        case .failure(.authentication(let refusal)):
            record(refusal, of: snapshot)
        case .failure(let failure):
            guard isUpstreams(failure, by: opening, of: snapshot) else { return }
            routes.record(trouble: failure.word, for: snapshot)
            pools.mark(name, on: snapshot.upstream, failure.word)
        }
    }

    /// True when another upstream would not have met the failure.
    private func isUpstreams(_ failure: BridgeFailure, by opening: RouteOpening, of snapshot: RouteSnapshot) -> Bool {
        failure.attribution(on: snapshot.upstream, isDialled: opening.facts.dialled != nil).isUpstreams
    }

    /// The route for the one more attempt of a request whose upstream could not be reached; nil: there is none.
    ///
    /// Only where a pool lends its members to several bridges: an exclusive member's address is never exchanged under
    /// a client. A refused credential is no reason: it is for the operator to see.
    func alternative(
        after failure: BridgeFailure,
        by opening: RouteOpening,
        of snapshot: RouteSnapshot
    ) -> RouteSnapshot? {
        let attribution = failure.attribution(on: snapshot.upstream, isDialled: opening.facts.dialled != nil)
        guard attribution == .upstreamDown, !snapshot.isAlternative else { return nil }
        return pools.alternative(to: name).map { snapshot.alternative(via: $0, contexts: contexts) }
    }

    /// Records that the upstream works and takes the credential.
    func recordSuccess(of snapshot: RouteSnapshot) {
        routes.record(refused: nil, for: snapshot)
        pools.clear(name, on: snapshot.upstream)
    }

    /// Records that the upstream refused the credential, and tells it once for each time that it was asked.
    func record(_ refusal: CredentialRefusal, of snapshot: RouteSnapshot) {
        routes.record(refused: refusal, for: snapshot)
        pools.refuse(name, on: snapshot.upstream)
        let hop = snapshot.nextHop
        log.warning(
            "cannot use upstream: it \(refusal.explanation(at: hop)); \(refusal.advice(at: hop))",
            metadata: ["bridge": "\(name)", "upstream": "\(snapshot.upstreamID)", "status": "\(refusal)"]
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
