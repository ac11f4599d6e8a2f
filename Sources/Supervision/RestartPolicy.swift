/// When, how fast and how often a child starts again.
public struct RestartPolicy: Hashable, Sendable {
    /// After which exits the child starts again.
    public enum Mode: Hashable, Sendable {
        /// After every exit: OTP's permanent.
        case always
        /// After a crash: OTP's transient.
        case onFailure
        /// Never, not even with its group, unless the group gave up and starts anew: OTP's temporary.
        case never
    }

    /// After which exits.
    public var mode = Mode.onFailure
    /// The delay before the first attempt.
    public var initialDelay = Duration.milliseconds(500)
    /// By how much each delay is longer than the one before.
    public var factor = 2.0
    /// The longest delay, before jitter.
    public var maximumDelay = Duration.seconds(30)
    /// The part of the delay that is random, 0...1: 0.1 spreads it over 90 % to 110 %.
    public var jitter = 0.1
    /// How many restarts are allowed within `period`; the next crash gives up.
    public var intensity = 5
    /// The sliding period that `intensity` is about.
    public var period = Duration.seconds(60)
    /// The delay starts anew after the child was ready for this long.
    public var resetAfter = Duration.seconds(30)

    /// Restarts after a crash: half a second later, doubling to 30 s, five times within a minute.
    public init() {}

    /// Why somebody gives up: it was started again too often.
    static func excess(_ intensity: Int, within period: Duration) -> String {
        "more than \(intensity) \(intensity == 1 ? "restart" : "restarts") within \(period.words)"
    }
}
