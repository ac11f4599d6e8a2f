import Glibc
import Logging
import NIOCore
import Processes
import ServiceConfiguration
import Synchronization

/// Writes log lines to a descriptor; a reader that stalls never stops a service.
final class LogSink: Sendable {
    private let settings: Mutex<LogSettings>
    private let outbox = Outbox(limit: LogBacklog.lineLimit)
    private let backlog = Mutex(LogBacklog())
    private let dropped = Atomic(0)
    private let descriptor: Int32

    init(descriptor: Int32, settings: LogSettings) {
        self.descriptor = descriptor
        self.settings = Mutex(settings)
    }

    /// The level and format of every line from now on.
    func apply(_ settings: LogSettings) {
        self.settings.withLock { $0 = settings }
    }

    /// Writes what is queued, as far as somebody reads it.
    func close(on loop: any EventLoop) async throws {
        try await outbox.close(on: loop)
    }

    /// The least important level that is written.
    var level: Logger.Level { settings.withLock { $0.level }.loggerLevel }

    func accepts(_ level: Logger.Level) -> Bool { level >= self.level }

    /// Writes a line, rendered where it holds up nobody.
    func write(_ line: LogLine) {
        let format = settings.withLock { $0.format }
        _ = enqueue(bytes: line.message.utf8.count) { line.rendered(as: format) }
    }

    /// Writes one plain line, in its turn, whatever the format: an answer to whoever started the command.
    func print(_ line: String) {
        enqueue(line + "\n")
    }

    /// Writes a line of the program of `service`, rendered where it does not hold up an event loop.
    ///
    /// - Returns: False when no more lines are wanted before `whenCalm` says so.
    func write(_ line: ProcessLine, of service: String) -> Bool {
        let time = Timestamp.now()
        return enqueue(bytes: line.text.utf8.count) { [self] in
            let format = settings.withLock { $0.format }
            return LogLine(time: time, level: .info, message: line.text, metadata: line.metadata(of: service))
                .rendered(as: format)
        }
    }

    /// Calls `resume` once, when few lines wait.
    func whenCalm(_ resume: @escaping @Sendable () -> Void) {
        let waits = backlog.withLock { $0.wait(resume) }
        if !waits { resume() }
    }

    private func enqueue(_ text: String) {
        _ = enqueue(bytes: text.utf8.count) { text }
    }

    /// - Returns: False when programs shall wait.
    private func enqueue(bytes: Int, _ render: @escaping @Sendable () -> String) -> Bool {
        let isWelcome = backlog.withLock { $0.add(bytes: bytes) }
        let isQueued = outbox.submit { [self] in
            output(render())
            settle(bytes: bytes)
            reportDropped()
        }
        if !isQueued {
            dropped.add(1, ordering: .relaxed)
            settle(bytes: bytes)
        }
        return isWelcome
    }

    private func settle(bytes: Int) {
        for resume in backlog.withLock({ $0.remove(bytes: bytes) }) { resume() }
    }

    private func reportDropped() {
        let count = dropped.exchange(0, ordering: .relaxed)
        guard count > 0 else { return }
        let line = LogLine(
            time: Timestamp.now(),
            level: .warning,
            message: "dropped log lines because their reader is too slow",
            metadata: ["lines": "\(count)"]
        )
        output(line.rendered(as: settings.withLock { $0.format }))
    }

    /// A write that fails has nowhere to be reported: the log is the place for reports.
    private func output(_ text: String) {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension LogSettings.Level {
    var loggerLevel: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

extension ProcessLine {
    fileprivate func metadata(of service: String) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["service": "\(service)", "stream": isError ? "stderr" : "stdout"]
        if isPart { metadata["part"] = "true" }
        return metadata
    }
}
