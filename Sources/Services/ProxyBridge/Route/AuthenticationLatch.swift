import NIOCore

/// Keeps a refused credential from being sent again and again: providers lock accounts that do so.
///
/// After a refusal requests fail at once for 30 s; then one request may try. Each further refusal doubles the time.
struct AuthenticationLatch: Sendable {
    private static let first = TimeAmount.seconds(30)
    private static let longest = TimeAmount.minutes(30)
    /// How long the one request that tries holds the others back, should its answer never come.
    private static let trial = TimeAmount.seconds(30)

    private var refusal: (kind: CredentialRefusal, until: NIODeadline, pause: TimeAmount)?

    /// Asks whether a request may go to the upstream.
    ///
    /// - Returns: nil when it may, else the last refusal.
    mutating func refusal(at now: NIODeadline) -> CredentialRefusal? {
        guard let last = refusal else { return nil }
        if now < last.until { return last.kind }
        refusal = (last.kind, now + AuthenticationLatch.trial, last.pause)
        return nil
    }

    mutating func record(_ kind: CredentialRefusal, at now: NIODeadline) {
        guard let last = refusal else {
            refusal = (kind, now + AuthenticationLatch.first, AuthenticationLatch.first)
            return
        }
        let pause = min(last.pause * 2, AuthenticationLatch.longest)
        refusal = (kind, now + pause, pause)
    }

    mutating func recordSuccess() {
        refusal = nil
    }
}
