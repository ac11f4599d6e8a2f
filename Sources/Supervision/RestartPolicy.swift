/// When, how fast and how often a child starts again.
public struct RestartPolicy: Hashable, Sendable {
    /// After which exits the child starts again.
    public enum Mode: Hashable, Sendable {
        case always
        case onFailure
        case never
    }

    public var mode = Mode.onFailure
    /// The delay before the first attempt.
    public var initialDelay = Duration.milliseconds(500)
    public var factor = 2.0
    public var maximumDelay = Duration.seconds(30)
    /// The part of the delay that is random, 0...1: 0.1 spreads it over 90 % to 110 %.
    public var jitter = 0.1
    /// How many restarts are allowed within `period`; the next crash gives up.
    public var intensity = 5
    public var period = Duration.seconds(60)
    /// The delay starts anew after the child was ready for this long.
    public var resetAfter = Duration.seconds(30)

    public init() {}
}
