package import Glibc

/// A small program for a `process` service.
///
/// Each of its starts adds its pid to a file of its own.
package struct Script {
    /// The words of `command:` in a configuration.
    package let command: String
    package let folder: String
    private let journal: String

    init(name: String, shell body: String, folder: String) throws {
        try self.init(name: name, interpreter: "/bin/sh", folder: folder) { journal in
            "cd '\(folder)'\necho $$ >> '\(journal)'\n\(body)\n"
        }
    }

    init(name: String, python body: String, folder: String) throws {
        try self.init(name: name, interpreter: Command.program("python3"), folder: folder) { journal in
            """
            import os, signal, socket, struct, subprocess, sys, time
            os.chdir("\(folder)")
            with open("\(journal)", "a") as journal: journal.write(f"{os.getpid()}\\n")
            \(body)

            """
        }
    }

    private init(name: String, interpreter: String, folder: String, text: (String) -> String) throws {
        let path = "\(folder)/\(name)"
        self.folder = folder
        journal = path + ".starts"
        command = "[\(interpreter), \(path)]"
        try FileText.write("", to: journal)
        // A program that runs as another user writes it too.
        chmod(journal, 0o666)
        try FileText.write(text(journal), to: path)
    }

    /// The pids of all starts, in order.
    package var starts: [pid_t] {
        let text = FileText.readIfPresent(journal) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { pid_t($0) }
    }

    /// The starts that live.
    package var running: [pid_t] { starts.filter(ProcessTable.isRunning) }

    /// Waits for the start number `count` and returns its pid.
    @discardableResult
    package func awaitStart(_ count: Int = 1, within limit: Duration = .seconds(15)) throws -> pid_t {
        try Facts.wait(for: "start \(count) of \(journal), after \(starts)", within: limit) { starts.count >= count }
        return starts[count - 1]
    }

    /// Makes an empty file in the folder of the scenario, for which a program waits.
    package func raise(_ flag: String) throws {
        try FileText.write("", to: folder + "/" + flag)
    }

    package func lower(_ flag: String) throws {
        guard unlink(folder + "/" + flag) == 0 else {
            throw ScenarioFailure("cannot remove \(flag): \(SystemError.text(errno))")
        }
    }

    /// What the program has written to a file in the folder of the scenario, when its last line is complete.
    package func note(_ name: String, within limit: Duration = .seconds(15)) throws -> String {
        var text = ""
        try Facts.wait(for: "the program has written \(name)", within: limit) {
            text = FileText.readIfPresent(folder + "/" + name) ?? ""
            return text.hasSuffix("\n")
        }
        return text
    }

    /// Kills the latest start.
    package func kill(_ signal: Int32 = SIGKILL) throws {
        guard let pid = starts.last else { throw ScenarioFailure("cannot kill \(command): it has not started") }
        Glibc.kill(pid, signal)
    }
}
