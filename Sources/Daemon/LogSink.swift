import Glibc
import Logging
import NIOCore
import ServiceConfiguration
import Synchronization

/// Writes log lines to a descriptor; a reader that stalls never stops a service.
final class LogSink: Sendable {
    /// Lines that may wait for a slow reader; more are dropped and counted.
    ///
    /// At 200 bytes a line this is about 2 MB.
    private static let queueLimit = 10_000

    private let settings: Mutex<LogSettings>
    private let outbox = Outbox(limit: queueLimit)
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

    func accepts(_ level: Logger.Level) -> Bool {
        level >= settings.withLock { $0.level }.loggerLevel
    }

    func write(_ line: LogLine) {
        enqueue(line.rendered(as: settings.withLock { $0.format }))
    }

    /// Writes one plain line, in its turn, whatever the format: an answer to whoever started the command.
    func print(_ line: String) {
        enqueue(line + "\n")
    }

    private func enqueue(_ text: String) {
        let isQueued = outbox.submit { [self] in
            output(text)
            reportDropped()
        }
        if !isQueued { dropped.add(1, ordering: .relaxed) }
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
