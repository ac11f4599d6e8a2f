import NIOCore
import ServiceConfiguration
import Supervision
import Synchronization

/// The current route of a bridge: replaced as a whole by a reload, read once by each request.
final class BridgeRoutes: Sendable {
    private struct State {
        /// Nil before the first life is prepared: the member of a pool is not known earlier.
        var snapshot: RouteSnapshot?
        /// What the upstream met last, until it works again.
        var trouble: (word: String, since: NIODeadline)?
        /// Those of the present life: it owns them.
        weak var links: LinkPools?

        /// What an older upstream or credential met says nothing about the present one.
        func isCurrent(_ other: RouteSnapshot) -> Bool {
            snapshot?.upstream.isSameWay(as: other.upstream) ?? false
        }
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> NIODeadline

    init(_ snapshot: RouteSnapshot? = nil, now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        state = Mutex(State(snapshot: snapshot))
        self.now = now
    }

    var current: RouteSnapshot {
        guard let snapshot = latest else { preconditionFailure("a bridge serves that was never prepared") }
        return snapshot
    }

    /// The route, as far as there is one already.
    var latest: RouteSnapshot? { state.withLock(\.snapshot) }

    /// Makes `snapshot` the route of every request that starts from now on.
    ///
    /// What rests of the old route is closed: it would never be used again.
    ///
    /// - Returns: True when what is under way has to hear of it: the upstream or credential is another one, or what
    ///   becomes of the connections over an older one.
    @discardableResult
    func publish(_ snapshot: RouteSnapshot) -> Bool {
        let (isSwap, links) = state.withLock { state in
            let last = state.snapshot
            state.snapshot = snapshot
            if let last, last.upstream.isSameWay(as: snapshot.upstream) {
                return (last.onSwap != snapshot.onSwap, state.links)
            }
            state.trouble = nil
            return (last != nil, state.links)
        }
        links?.keepOnly(those: RouteKey(snapshot))
        return isSwap
    }

    /// Makes `links` those that a new route empties.
    func attach(_ links: LinkPools) {
        let snapshot = state.withLock { state in
            state.links = links
            return state.snapshot
        }
        if let snapshot { links.keepOnly(those: RouteKey(snapshot)) }
    }

    /// Records what is the fault of the upstream itself; the same again leaves its beginning.
    func record(trouble word: String, for snapshot: RouteSnapshot) {
        let now = now()
        state.withLock { state in
            if state.isCurrent(snapshot), state.trouble?.word != word { state.trouble = (word, now) }
        }
    }

    /// Records that the upstream works.
    func recordSuccess(of snapshot: RouteSnapshot) {
        state.withLock { state in
            if state.trouble != nil, state.isCurrent(snapshot) { state.trouble = nil }
        }
    }

    /// What the upstream itself was to blame for; nil: nothing that is known.
    var trouble: String? {
        let now = now()
        return state.withLock { state in
            state.trouble.map { "failed \(Duration(now - $0.since).words) ago: \($0.word)" }
        }
    }
}
