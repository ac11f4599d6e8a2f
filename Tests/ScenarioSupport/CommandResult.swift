/// What came of a command that has ended.
package struct CommandResult: Sendable {
    package var status: ExitStatus
    package var output: String
    package var errors: String

    /// Its exit code; nil when a signal ended it.
    package var code: Int32? {
        if case .exited(let code) = status { code } else { nil }
    }

    /// Runs a program to its end.
    static func of(
        _ program: String,
        _ words: [String],
        folder: String,
        within limit: Duration
    ) throws -> CommandResult {
        try RunningCommand(program, words, folder: folder).result(within: limit)
    }
}
