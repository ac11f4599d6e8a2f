/// The delay before the next attempt: it grows by a factor up to a maximum.
struct Backoff: Hashable, Sendable {
    private var last: Duration?

    /// Starts the growth anew.
    mutating func reset() {
        last = nil
    }

    /// The delay of the next attempt.
    ///
    /// `random` is uniform in 0..<1 and spreads the delay by the policy's jitter.
    mutating func nextDelay(_ policy: RestartPolicy, random: Double) -> Duration {
        let grown = last.map { $0 * max(policy.factor, 1) } ?? policy.initialDelay
        let delay = min(grown, policy.maximumDelay)
        last = delay
        return delay * (1 + policy.jitter * (2 * random - 1))
    }
}
