package import Glibc

/// A process which a scenario started and always ends: by its own exit, or killed when the object goes.
package final class ChildProcess {
    package let pid: pid_t
    private var ended: ExitStatus?

    package init(_ command: Command) throws {
        pid = try Orphanage.adopt { try Self.spawn(command) }
    }

    deinit {
        kill()
    }

    package func send(_ signal: Int32) {
        guard ended == nil else { return }
        Glibc.kill(pid, signal)
    }

    /// The status, when the process has ended.
    package func statusIfEnded() -> ExitStatus? {
        if let ended { return ended }
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == pid {
            ended = ExitStatus(waitStatus: status)
            Orphanage.release(pid)
        }
        return ended
    }

    /// Waits for the end of the process and throws when it does not end within the limit.
    package func waitForExit(within limit: Duration) throws -> ExitStatus {
        try Facts.wait(for: "process \(pid) has ended", within: limit) { statusIfEnded() != nil }
        guard let ended else { throw ScenarioFailure("cannot tell how process \(pid) ended") }
        return ended
    }

    package func kill() {
        guard statusIfEnded() == nil else { return }
        Glibc.kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        Orphanage.release(pid)
        ended = ExitStatus(waitStatus: status)
    }

    /// Runs a command to its end.
    package static func run(_ command: Command, within limit: Duration = .seconds(20)) throws -> ExitStatus {
        let process = try ChildProcess(command)
        return try process.waitForExit(within: limit)
    }

    private static func spawn(_ command: Command) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let output = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, command.outputPath, output, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, command.errorPath, output, 0o644)
        keepDescriptorsFromChildren()

        // The test process may ignore or block signals; a daemon starts with none ignored and none blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        // `env` changes the folder and then becomes the program: the process stays the same.
        let words = try [Command.program("env"), "-C", command.directory, command.path] + command.arguments
        let arguments = words.map { strdup($0) }
        let environment = command.environment.map { strdup("\($0.key)=\($0.value)") }
        defer {
            for text in arguments + environment { free(text) }
        }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, arguments + [nil], environment + [nil])
        guard code == 0 else {
            throw ScenarioFailure("cannot start \(command.path): \(SystemError.text(code))")
        }
        return pid
    }

    /// The test process was given descriptors that are not closed by an exec; a daemon must begin without them.
    private static func keepDescriptorsFromChildren() {
        for name in FileText.names(in: "/proc/self/fd") {
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }
}
