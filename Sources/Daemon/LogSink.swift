import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceConfiguration
import Synchronization

/// Writes log lines to a descriptor from a thread of its own: a reader that stalls never stops a service.
final class LogSink: Sendable {
    /// Lines that may wait for a slow reader; more are dropped and counted.
    ///
    /// At 200 bytes a line this is about 2 MB.
    private static let queueLimit = 10_000

    /// How long the end of the daemon waits for whoever reads the log.
    private static let flushLimit = TimeAmount.seconds(1)

    private let settings: Mutex<LogSettings>
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic(0)
    private let dropped = Atomic(0)
    private let descriptor: Int32

    init(descriptor: Int32, settings: LogSettings) {
        self.descriptor = descriptor
        self.settings = Mutex(settings)
        thread.start()
    }

    /// The level and format of every line from now on.
    func apply(_ settings: LogSettings) {
        self.settings.withLock { $0 = settings }
    }

    /// Writes what is queued, then ends the thread.
    ///
    /// A reader that stalls is given up after `flushLimit`; the thread, which cannot be interrupted while it writes,
    /// ends
    /// with the process then.
    func close(on loop: any EventLoop) async throws {
        let isFlushed = loop.makePromise(of: Bool.self)
        let limit = loop.scheduleTask(in: Self.flushLimit) { isFlushed.succeed(false) }
        // A shutdown cancels what is queued; the queue of the one thread is in order, so first this takes its turn.
        thread.submit { _ in isFlushed.succeed(true) }
        guard try await isFlushed.futureResult.get() else { return }
        limit.cancel()
        try await thread.shutdownGracefully()
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
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.queueLimit else {
            waiting.subtract(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
            return
        }
        thread.submit { [self] state in
            waiting.subtract(1, ordering: .relaxed)
            guard state == .active else { return }
            output(text)
            reportDropped()
        }
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
