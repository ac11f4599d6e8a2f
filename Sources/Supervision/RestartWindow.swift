/// The restarts of one child, or of the members of one group, within a sliding period: its intensity, in OTP's word.
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
        count(within: policy.period, at: now) < policy.intensity
    }

    /// How many restarts there were within the period until now.
    mutating func count(within period: Duration, at now: Duration) -> Int {
        restarts.removeAll { now - $0 >= period }
        return restarts.count
    }
}
