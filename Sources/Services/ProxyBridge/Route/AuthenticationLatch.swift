import NIOCore

/// Keeps a refused credential from being sent again and again: providers lock accounts that do so.
///
/// After a refusal requests fail at once for 30 s; then one request may try. Each further refusal doubles the time.
struct AuthenticationLatch: Sendable {
    private static let first = TimeAmount.seconds(30)
    private static let longest = TimeAmount.minutes(30)
    /// How long the one request that tries holds the others back, should its answer never come.
    private static let trial = TimeAmount.seconds(30)

    private var refusal: (status: Int, until: NIODeadline, pause: TimeAmount, last: NIODeadline)?

    /// Asks whether a request may go to the upstream.
    ///
    /// - Returns: nil when it may, else the status of the last refusal.
    mutating func refusal(at now: NIODeadline) -> Int? {
        guard let last = refusal else { return nil }
        if now < last.until { return last.status }
        refusal = (last.status, now + AuthenticationLatch.trial, last.pause, last.last)
        return nil
    }

    mutating func recordRefusal(status: Int, at now: NIODeadline) {
        guard let last = refusal else {
            refusal = (status, now + AuthenticationLatch.first, AuthenticationLatch.first, now)
            return
        }
        let pause = min(last.pause * 2, AuthenticationLatch.longest)
        refusal = (status, now + pause, pause, now)
    }

    /// The last refusal for the status page: how long ago it was, and when a request may try again, if not now.
    func status(at now: NIODeadline) -> (status: Int, age: TimeAmount, rest: TimeAmount?)? {
        refusal.map { ($0.status, now - $0.last, now < $0.until ? $0.until - now : nil) }
    }

    mutating func recordSuccess() {
        refusal = nil
    }
}
