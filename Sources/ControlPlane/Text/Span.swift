import Supervision

/// Seconds of the control API in words.
enum Span {
    /// The longest span that is told; a number from elsewhere may be anything.
    private static let limit = 1e9

    static func text(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        return Duration.milliseconds(Int64(min(max(seconds, 0), limit) * 1_000)).words
    }

    /// Whole seconds from ten on: a countdown.
    static func rough(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        return text(seconds < 10 ? seconds : seconds.rounded())
    }
}
