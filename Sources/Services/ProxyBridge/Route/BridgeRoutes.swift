import NIOCore
import ServiceConfiguration
import Synchronization

/// The current route of a bridge: replaced as a whole by a reload, read once by each request.
final class BridgeRoutes: Sendable {
    private struct State {
        /// Nil before the first life is prepared: the member of a pool is not known earlier.
        var snapshot: RouteSnapshot?
        var latch = AuthenticationLatch()
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
    /// A new upstream or credential is tried at once, whatever became of the last one.
    func publish(_ snapshot: RouteSnapshot) {
        state.withLock { state in
            if state.snapshot?.upstream != snapshot.upstream { state.latch = AuthenticationLatch() }
            state.snapshot = snapshot
        }
    }

    /// - Returns: The last refusal while the upstream must not be asked again, else nil.
    func refusal(for snapshot: RouteSnapshot) -> CredentialRefusal? {
        let now = now()
        return state.withLock { state in
            state.snapshot?.upstream == snapshot.upstream ? state.latch.refusal(at: now) : nil
        }
    }

    /// Records how the upstream took the credential of `snapshot`; what an older credential met does not count.
    func record(refused refusal: CredentialRefusal?, for snapshot: RouteSnapshot) {
        let now = now()
        state.withLock { state in
            guard state.snapshot?.upstream == snapshot.upstream else { return }
            if let refusal { state.latch.record(refusal, at: now) } else { state.latch.recordSuccess() }
        }
    }
}
