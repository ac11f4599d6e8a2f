/// For how long a refused credential is not shown again: providers lock accounts that ask again and again.
enum RefusalPause {
    private static let first = Duration.seconds(30)
    private static let longest = Duration.seconds(1800)

    /// The pause after a refusal; each one in a row doubles the last, nil when there was none.
    static func next(after last: Duration?) -> Duration {
        last.map { min($0 * 2, longest) } ?? first
    }
}
