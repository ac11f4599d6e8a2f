/// What is logged, and how: the key `log`.
package struct LogSettings: Hashable, Sendable {
    /// The least severe level that is written.
    package enum Level: String, CaseIterable, Sendable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
    }

    /// The form of a log line.
    package enum Format: String, CaseIterable, Sendable {
        case text
        case json
        case journal
    }

    package var level = Level.info
    package var format = Format.text

    package init() {}
}
