import NIOCore

/// Keeps a refused credential from being sent again and again.
///
/// After a refusal requests fail at once for a pause; then one request may try. Each further refusal makes it longer.
struct AuthenticationLatch: Sendable {
    /// How long the one request that tries holds the others back, should its answer never come.
    private static let trial = TimeAmount.seconds(30)

    private var refusal: (kind: CredentialRefusal, until: NIODeadline, pause: Duration, last: NIODeadline)?

    /// Asks whether a request may go to the upstream.
    ///
    /// - Returns: nil when it may, else the last refusal.
    mutating func refusal(at now: NIODeadline) -> CredentialRefusal? {
        guard let last = refusal else { return nil }
        if now < last.until { return last.kind }
        refusal = (last.kind, now + AuthenticationLatch.trial, last.pause, last.last)
        return nil
    }

    mutating func record(_ kind: CredentialRefusal, at now: NIODeadline) {
        let pause = RefusalPause.next(after: refusal?.pause)
        refusal = (kind, now + TimeAmount(pause), pause, now)
    }

    /// The last refusal for the status page: how long ago it was, and when a request may try again, if not now.
    func status(at now: NIODeadline) -> (kind: CredentialRefusal, age: TimeAmount, rest: TimeAmount?)? {
        refusal.map { ($0.kind, now - $0.last, now < $0.until ? $0.until - now : nil) }
    }

    mutating func recordSuccess() {
        refusal = nil
    }
}
