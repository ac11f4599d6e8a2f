import Synchronization

/// A command that runs beside a scenario, with its output in files of the scenario's folder.
package final class RunningCommand {
    private static let last = Atomic<Int>(0)

    package let process: ChildProcess
    private let place: String

    init(_ program: String, _ words: [String], folder: String) throws {
        place = "\(folder)/command\(Self.last.add(1, ordering: .relaxed).newValue)"
        process = try ChildProcess(
            Command(
                program,
                words,
                environment: [
                    "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "XDG_RUNTIME_DIR": folder, "TERM": "dumb",
                ],
                directory: folder,
                outputPath: place + ".out",
                errorPath: place + ".err"
            )
        )
    }

    /// What it has written so far.
    package var output: String { FileText.readIfPresent(place + ".out") ?? "" }

    /// What it has written on its standard error so far.
    package var errors: String { FileText.readIfPresent(place + ".err") ?? "" }

    /// Waits for its end; no output of a command may hold a canary.
    package func result(within limit: Duration) throws -> CommandResult {
        let status = try process.waitForExit(within: limit)
        let result = CommandResult(status: status, output: output, errors: errors)
        guard Canary.leaks(in: result.output + result.errors).isEmpty else {
            throw ScenarioFailure("cannot accept a canary password in the output of a command")
        }
        return result
    }
}
