import NIOCore
package import ServiceConfiguration
import Supervision
import Synchronization

/// The credentials that upstreams have refused of late: one book for the daemon, which outlives services and loads.
///
/// Whoever shows a credential looks here twice: when a request begins, so that nothing is dialled in vain, and
/// immediately before the credential is sent, for it may have been refused meanwhile. What was sent by then cannot be
/// recalled.
package final class RefusedCredentials: Sendable {
    private let pauses = Mutex<[ShownCredential: RefusalPause]>([:])
    /// False while nothing is refused: then a look is a load, and nothing is locked.
    private let hasAny = Atomic(false)
    private let now: @Sendable () -> NIODeadline

    package convenience init() {
        self.init { .now() }
    }

    init(now: @escaping @Sendable () -> NIODeadline) {
        self.now = now
    }

    // MARK: - Looks

    /// - Returns: The last refusal while the credential must not be shown, else nil.
    func refusal(of route: UpstreamRoute) -> CredentialRefusal? {
        guard hasAny.load(ordering: .relaxed), let shown = ShownCredential(route) else { return nil }
        let now = now()
        return pauses.withLock { pauses in
            pauses[shown].flatMap { $0.rest(at: now) == nil ? nil : $0.refusal }
        }
    }

    /// Asks for leave to show the credential at once; after a pause only the first one gets it.
    ///
    /// - Returns: nil when it may be shown, else the last refusal.
    func refusal(beforeShowing route: UpstreamRoute) -> CredentialRefusal? {
        guard hasAny.load(ordering: .relaxed), let shown = ShownCredential(route) else { return nil }
        let now = now()
        return pauses.withLock { pauses in
            guard let refusal = pauses[shown]?.refusal, pauses[shown]?.beginTrial(at: now) == false else { return nil }
            return refusal
        }
    }

    /// How long each credential is still held back.
    func rests() -> [ShownCredential: Duration] {
        guard hasAny.load(ordering: .relaxed) else { return [:] }
        let now = now()
        return pauses.withLock { $0.compactMapValues { pause in pause.rest(at: now).map { Duration($0) } } }
    }

    /// What is wrong with the credential of a route, in words without any secret; nil: nothing that is known.
    func trouble(of route: UpstreamRoute) -> String? {
        guard hasAny.load(ordering: .relaxed), let shown = ShownCredential(route) else { return nil }
        let now = now()
        return pauses.withLock { $0[shown] }.map { pause in
            let again = pause.rest(at: now).map { ", asked again in \(Duration($0).words)" } ?? ""
            return "the same credential was refused \(Duration(pause.age(at: now)).words) ago (\(pause.refusal))"
                + again
        }
    }

    // MARK: - What upstreams said

    /// The upstream has refused the credential.
    func record(_ refusal: CredentialRefusal, of route: UpstreamRoute) {
        guard let shown = ShownCredential(route) else { return }
        let now = now()
        pauses.withLock { pauses in
            if pauses[shown] == nil {
                pauses[shown] = RefusalPause(refusal, at: now)
            } else {
                pauses[shown]?.refuse(refusal, at: now)
            }
            hasAny.store(true, ordering: .relaxed)
        }
    }

    /// The upstream takes the credential.
    func recordSuccess(of route: UpstreamRoute) {
        guard hasAny.load(ordering: .relaxed), let shown = ShownCredential(route) else { return }
        pauses.withLock { pauses in
            pauses[shown] = nil
            hasAny.store(!pauses.isEmpty, ordering: .relaxed)
        }
    }

    /// Forgets what nobody is going to show any more, so that the book is bounded by the configuration.
    package func keep(only upstreams: [UpstreamProxy]) {
        let wanted = Set(upstreams.map { ShownCredential(to: $0) })
        pauses.withLock { pauses in
            pauses = pauses.filter { wanted.contains($0.key) }
            hasAny.store(!pauses.isEmpty, ordering: .relaxed)
        }
    }

    /// How many there are.
    package var count: Int { pauses.withLock(\.count) }
}
