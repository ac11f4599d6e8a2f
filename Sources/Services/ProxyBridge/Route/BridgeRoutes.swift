import NIOCore
import ServiceConfiguration
import Synchronization

/// The current route of a bridge: replaced as a whole by a reload, read once by each request.
final class BridgeRoutes: Sendable {
    private struct State {
        /// Nil before the first life is prepared: the member of a pool is not known earlier.
        var snapshot: RouteSnapshot?
        var latch = AuthenticationLatch()
        /// Those of the present life: it owns them.
        weak var links: LinkPools?
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
    /// A new upstream or credential is tried at once, whatever became of the last one. What rests of the old route is
    /// closed: it would never be used again.
    func publish(_ snapshot: RouteSnapshot) {
        let links = state.withLock { state in
            if state.snapshot?.upstream != snapshot.upstream { state.latch = AuthenticationLatch() }
            state.snapshot = snapshot
            return state.links
        }
        links?.keepOnly(those: RouteKey(snapshot))
    }

    /// Makes `links` those that a new route empties.
    func attach(_ links: LinkPools) {
        let snapshot = state.withLock { state in
            state.links = links
            return state.snapshot
        }
        if let snapshot { links.keepOnly(those: RouteKey(snapshot)) }
    }

    /// - Returns: The status of the last refusal while the upstream must not be asked again, else nil.
    func refusal(for snapshot: RouteSnapshot) -> Int? {
        let now = now()
        return state.withLock { state in
            state.snapshot?.upstream == snapshot.upstream ? state.latch.refusal(at: now) : nil
        }
    }

    /// Records how the upstream took the credential of `snapshot`; what an older credential met does not count.
    func record(refused status: Int?, for snapshot: RouteSnapshot) {
        let now = now()
        state.withLock { state in
            guard state.snapshot?.upstream == snapshot.upstream else { return }
            if let status { state.latch.recordRefusal(status: status, at: now) } else { state.latch.recordSuccess() }
        }
    }
}
