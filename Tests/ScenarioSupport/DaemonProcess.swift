package import Glibc

/// The release binary as a running daemon: its folder, its notifications, its signals, its exit.
package final class DaemonProcess {
    package let folder: String
    package let process: ChildProcess
    private let notifySocket: NotifySocket
    private let patience: Duration

    /// Starts the daemon on `services.yaml` in its folder; `awaitReady` tells when it serves.
    ///
    /// The program, when it is not the binary itself, is the words that run it, as valgrind does. The patience is the
    /// limit of every wait on this daemon. Its log is `stderr` in its folder unless a path
    /// for it is given, which loses it.
    init(
        folder: String,
        mark: String,
        environment: [String: String] = [:],
        program: [String]? = nil,
        patience: Duration = .seconds(15),
        errorPath: String? = nil
    ) throws {
        self.folder = folder
        self.patience = patience
        notifySocket = try NotifySocket(path: folder + "/notify")
        let words = try (program ?? [Self.binary()]) + ["-c", "services.yaml"]
        var variables = [
            "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "NOTIFY_SOCKET": folder + "/notify",
            "SCENARIO": mark, "XDG_RUNTIME_DIR": folder,
        ]
        variables.merge(environment) { $1 }
        process = try ChildProcess(
            Command(
                words[0],
                Array(words.dropFirst()),
                environment: variables,
                directory: folder,
                outputPath: folder + "/stdout",
                errorPath: errorPath ?? folder + "/stderr"
            )
        )
    }

    /// The binary under test.
    package static func binary() throws -> String {
        guard let pointer = getenv("SUPERVISOR_BINARY") else {
            throw ScenarioFailure("cannot find the binary: set SUPERVISOR_BINARY to it, as `make scenarios` does")
        }
        let path = String(cString: pointer)
        guard path.hasPrefix("/"), access(path, X_OK) == 0 else {
            throw ScenarioFailure("cannot run \(path): SUPERVISOR_BINARY must be the absolute path of the binary")
        }
        return path
    }

    package var pid: pid_t { process.pid }
    package var notifications: [Notification] { notifySocket.notifications }
    package var log: String { FileText.readIfPresent(folder + "/stderr") ?? "" }
    package var output: String { FileText.readIfPresent(folder + "/stdout") ?? "" }

    package var descriptors: [Int: String] { ProcessTable.descriptors(of: pid) }
    package var listeners: Set<ListeningSocket> { get throws { try ProcessTable.listeners(of: pid) } }

    /// The listening sockets of one port.
    package func listeners(at port: UInt16) throws -> Set<ListeningSocket> {
        try listeners.filter { $0.port == port }
    }

    /// Everything that runs below the daemon, and what has ended there without being reaped.
    package var descendants: [ProcessRecord] { ProcessTree().descendants(of: pid) }
    package var zombies: [ProcessRecord] { descendants.filter(\.isZombie) }

    // MARK: Configuration and signals

    package func configure(_ configuration: ConfigurationText) throws {
        try configure(text: configuration.text)
    }

    /// Replaces `services.yaml` as an editor does: a reload never sees half a file.
    package func configure(text: String) throws {
        try FileText.write(text, to: folder + "/services.yaml.new")
        guard rename(folder + "/services.yaml.new", folder + "/services.yaml") == 0 else {
            throw ScenarioFailure("cannot replace the configuration: \(SystemError.text(errno))")
        }
    }

    /// Runs a verb of the command against this daemon, in its folder, and waits for its end.
    @discardableResult
    package func command(_ words: String..., within limit: Duration? = nil) throws -> CommandResult {
        try command(words, within: limit)
    }

    @discardableResult
    package func command(_ words: [String], within limit: Duration? = nil) throws -> CommandResult {
        try CommandResult.of(Self.binary(), words, folder: folder, within: limit ?? patience)
    }

    /// Starts a verb of the command against this daemon, in its folder.
    package func begin(_ words: String...) throws -> RunningCommand {
        try RunningCommand(Self.binary(), words, folder: folder)
    }

    package func send(_ signal: Int32) {
        process.send(signal)
    }

    /// Sends SIGHUP and returns the verdict: the STATUS with the READY that follows the RELOADING.
    ///
    /// A reload that began before the signal, as one of a storm, is not the answer to it;
    /// RELOADING tells when it began.
    package func reload() throws -> String {
        let before = notifications.count
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let start = UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
        send(SIGHUP)
        var verdict: Notification?
        try Facts.wait(for: "the verdict of a reload after RELOADING=1 and MONOTONIC_USEC", within: patience) {
            let ended = process.statusIfEnded()
            let news = notifications[before...]
            let begun = news.firstIndex { message in
                message.isReloading && UInt64(message.value("MONOTONIC_USEC") ?? "").map { $0 >= start } == true
            }
            verdict = begun.flatMap { news[$0...].first(where: \.isReady) }
            if verdict == nil, let ended { throw ScenarioFailure("cannot reload: the daemon has ended, \(ended)") }
            return verdict != nil
        }
        return verdict?.status ?? ""
    }

    package func reload(_ configuration: ConfigurationText) throws -> String {
        try configure(configuration)
        return try reload()
    }

    /// Asks for the status and returns the line of a service.
    package func status(of service: String) throws -> String {
        let start = log.utf8.count
        send(SIGUSR1)
        var found: String?
        try Facts.wait(for: "the log shows the status of \(service)", within: patience) {
            let news = String(decoding: log.utf8.dropFirst(start), as: UTF8.self)
            // The last line may still be on its way.
            found = news.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .last { $0.contains("status \(service) ") }.map(String.init)
            return found != nil
        }
        guard let found else { throw ScenarioFailure("cannot see the status of \(service)") }
        return found
    }

    /// Waits until the status of a service contains a word: its state, or how it does.
    package func awaitStatus(of service: String, containing part: String) throws {
        var last = ""
        guard
            try !Facts.comes(
                within: patience,
                {
                    last = try status(of: service)
                    return last.contains(part)
                }
            )
        else { return }
        throw ScenarioFailure("cannot see `\(part)` in the status of \(service): \(last)")
    }

    // MARK: Waiting for facts

    @discardableResult
    package func awaitReady() throws -> Notification {
        try awaitNotification("READY") { $0.isReady }
    }

    @discardableResult
    package func awaitStopping() throws -> Notification {
        try awaitNotification("STOPPING") { $0.isStopping }
    }

    /// Waits for a notification, not counting the first `after` of them, and fails at once when the daemon ends.
    package func awaitNotification(
        _ name: String,
        after: Int = 0,
        _ matches: (Notification) -> Bool
    ) throws -> Notification {
        var found: Notification?
        try Facts.wait(for: "notification \(name)", within: patience) {
            let ended = process.statusIfEnded()
            found = notifications.dropFirst(after).first(where: matches)
            if found == nil, let ended {
                throw ScenarioFailure("cannot see the notification \(name): the daemon has ended, \(ended)")
            }
            return found != nil
        }
        guard let found else { throw ScenarioFailure("cannot see the notification \(name)") }
        return found
    }

    package func awaitLog(containing part: String) throws {
        try Facts.wait(for: "the log says `\(part)`", within: patience) { log.contains(part) }
    }

    /// The lines of the log that contain all of some texts.
    package func lines(containing parts: String...) -> [String] {
        log.split(separator: "\n").map(String.init).filter { line in parts.allSatisfy(line.contains) }
    }

    /// Waits for a line that contains all of some texts.
    package func awaitLine(containing parts: String...) throws {
        try Facts.wait(for: "a line of the log with \(parts)", within: patience) {
            log.split(separator: "\n").contains { line in parts.allSatisfy(line.contains) }
        }
    }

    /// Waits until whatever has ended below the daemon has been reaped.
    package func awaitNoZombies() throws {
        // A process that has just ended is one for a moment; one that nobody waits for stays one.
        guard try !Facts.comes(within: .seconds(2), { zombies.isEmpty }) else { return }
        throw ScenarioFailure("cannot accept zombies: \(zombies)")
    }

    package func awaitDescriptors(_ count: Int) throws {
        guard try !Facts.comes(within: patience, { descriptors.count == count }) else { return }
        let list = descriptors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        throw ScenarioFailure("cannot see \(count) descriptors, as before, but: \(list)")
    }

    /// Waits until nothing listens; a connect that tried it out would be one more connection in the ledger.
    package func awaitListenersClosed() throws {
        try Facts.wait(for: "every listener is closed", within: patience) { try listeners.isEmpty }
    }

    package func awaitExit(within limit: Duration? = nil) throws -> ExitStatus {
        try process.waitForExit(within: limit ?? patience)
    }

    /// Shuts the daemon down.
    package func stop() throws -> ExitStatus {
        send(SIGTERM)
        return try awaitExit()
    }
}
