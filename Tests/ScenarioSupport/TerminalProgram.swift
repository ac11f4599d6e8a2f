import Glibc

/// A verb of the command on a terminal of its own, which util-linux's `script` makes.
package final class TerminalProgram {
    private let process: ChildProcess
    private let output: String
    private let keyboard: Int32

    /// Starts it beside a daemon.
    package init(_ words: [String], of daemon: DaemonProcess, columns: Int, rows: Int = 24) throws {
        let place = daemon.folder + "/terminal"
        output = place + ".out"
        try FileText.write("", to: output)
        // A pipe by name that this process holds open: the terminal's keyboard never ends.
        unlink(place)
        guard mkfifo(place, 0o600) == 0 else {
            throw ScenarioFailure("cannot make \(place): \(SystemError.text(errno))")
        }
        keyboard = open(place, O_RDWR | O_CLOEXEC)
        let line =
            "stty cols \(columns) rows \(rows); exec \(try DaemonProcess.binary()) \(words.joined(separator: " "))"
        process = try ChildProcess(
            Command(
                Command.program("sh"),
                ["-c", "exec script -qefc '\(line)' /dev/null <'\(place)'"],
                environment: [
                    "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "TERM": "xterm", "LANG": "C.UTF-8",
                    "SWIFT_BACKTRACE": "enable=no", "XDG_RUNTIME_DIR": daemon.folder,
                ],
                directory: daemon.folder,
                outputPath: output,
                errorPath: output
            )
        )
    }

    deinit {
        process.kill()
        close(keyboard)
    }

    /// What the screen was sent so far, colours included.
    package var text: String { FileText.readIfPresent(output) ?? "" }

    package func press(_ key: UInt8) throws {
        var key = key
        guard write(keyboard, &key, 1) == 1 else {
            throw ScenarioFailure("cannot press a key: \(SystemError.text(errno))")
        }
    }

    package func awaitExit(within limit: Duration = .seconds(15)) throws -> ExitStatus {
        try process.waitForExit(within: limit)
    }

    /// Runs a verb to its end.
    package static func run(_ words: [String], of daemon: DaemonProcess, columns: Int) throws -> CommandResult {
        let program = try TerminalProgram(words, of: daemon, columns: columns)
        let status = try program.awaitExit()
        return CommandResult(status: status, output: program.text, errors: "")
    }
}
