/// The restarts of one child within a sliding period: its intensity, in OTP's word.
///
/// It counts the moments of restarts, not of crashes: the delay in between would let one restart too many into a
/// period.
struct RestartWindow: Hashable, Sendable {
    private var restarts: [Duration] = []

    mutating func record(at now: Duration) {
        restarts.append(now)
    }

    /// Whether one more restart stays within the intensity of the policy.
    mutating func allowsRestart(_ policy: RestartPolicy, at now: Duration) -> Bool {
        restarts.removeAll { now - $0 >= policy.period }
        return restarts.count < policy.intensity
    }
}
