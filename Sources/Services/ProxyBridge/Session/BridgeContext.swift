import Logging
import ServiceConfiguration
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
    /// Knows which credentials must not be shown now.
    let refused: RefusedCredentials
    let counting: BridgeCounting
    /// Where the bridge listens in this life.
    let own: OwnAddresses
    /// Knows through which bridges of this process a client comes.
    let trails: Trails
    /// Have what TLS needs for another member of the pool.
    let contexts: TLSContexts
    /// Tells the bridge from others of its name.
    let nonce: UInt32
    /// How long a client for which there is no place may take to ask: its refusal takes the place of another one.
    let refusalTime: Duration

    var pseudonym: ViaPseudonym { ViaPseudonym(bridge: name, nonce: nonce) }

    /// Why the upstream must not be asked now; nil: it may.
    func refusal(for snapshot: RouteSnapshot) -> BridgeFailure? {
        refused.refusal(of: snapshot.upstream).map { .authenticationLatched($0) }
    }

    /// Why the credential must not be shown on a connection that is there already; nil: it may, at once.
    func refusal(beforeShowing snapshot: RouteSnapshot) -> BridgeFailure? {
        refused.refusal(beforeShowing: snapshot.upstream).map { .authenticationLatched($0) }
    }

    /// Learns what holds for the upstream beyond one request.
    func learn(_ result: Result<UpstreamLink, BridgeFailure>, by opening: RouteOpening, of snapshot: RouteSnapshot) {
        if opening.isReached { pools.reach(name, on: snapshot.upstream) }
        switch result {
        case .success:
            // Without a dialogue nothing is known yet of what the proxy thinks of its credential.
            if opening.hasDialogue { recordSuccess(of: snapshot) }
        case .failure(.authentication(let refusal)):
            record(refusal, of: snapshot)
        case .failure(.authenticationLatched):
            // Nobody was asked.
            break
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

    /// The route of the first attempt of a request: around the bridge's own upstream while that is known to be down.
    ///
    /// Only where a pool lends its members to several bridges: an exclusive member's address is never exchanged under
    /// a client. A refused credential is no reason: it is for the operator to see.
    func firstRoute(of snapshot: RouteSnapshot) -> RouteSnapshot {
        pools.detour(around: snapshot.upstream, of: name).flatMap { route(of: snapshot, through: $0, as: .detour) }
            ?? snapshot
    }

    /// The route for the one more attempt of a request whose upstream could not be reached; nil: there is none.
    func alternative(
        after failure: BridgeFailure,
        by opening: RouteOpening,
        of snapshot: RouteSnapshot
    ) -> RouteSnapshot? {
        let attribution = failure.attribution(on: snapshot.upstream, isDialled: opening.facts.dialled != nil)
        guard attribution == .upstreamDown else { return nil }
        switch snapshot.attempt {
        case .own: return pools.alternative(to: name).flatMap { route(of: snapshot, through: $0, as: .last) }
        case .detour: return routes.current.last
        case .last: return nil
        }
    }

    /// Nil while the member's credential is held back: that is no help.
    private func route(
        of snapshot: RouteSnapshot,
        through member: UpstreamProxy,
        as attempt: RouteSnapshot.Attempt
    ) -> RouteSnapshot? {
        guard refused.refusal(of: .proxy(member)) == nil else { return nil }
        return snapshot.through(member, as: attempt, contexts: contexts)
    }

    /// Records that the upstream works and takes the credential.
    func recordSuccess(of snapshot: RouteSnapshot) {
        refused.recordSuccess(of: snapshot.upstream)
        routes.recordSuccess(of: snapshot)
        pools.clear(name, on: snapshot.upstream)
    }

    /// Records that the upstream refused the credential, and tells it once for each time that it was asked.
    func record(_ refusal: CredentialRefusal, of snapshot: RouteSnapshot) {
        refused.record(refusal, of: snapshot.upstream)
        pools.mark(name, on: snapshot.upstream, FailureAttribution.upstreamAuth.rawValue)
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
