/// When and how fast a service that exited starts again: the key `restart`.
package struct RestartSettings: Hashable, Sendable {
    /// After which exits the service starts again.
    package enum Policy: String, CaseIterable, Sendable {
        case always
        case onFailure = "on-failure"
        case never
    }

    /// The growing delay before each new attempt.
    package struct Backoff: Hashable, Sendable {
        package var initial = Duration.milliseconds(500)
        package var factor = 2.0
        package var max = Duration.seconds(30)
        /// The part of the delay that is random, 0...1.
        package var jitter = 0.1

        package init() {}
    }

    package var policy = Policy.onFailure
    package var backoff = Backoff()
    /// How many restarts are allowed within `period`.
    package var intensity = 5
    package var period = Duration.seconds(60)
    /// The delay starts anew after the service was ready for this long.
    package var resetAfter = Duration.seconds(30)

    package init() {}
}
