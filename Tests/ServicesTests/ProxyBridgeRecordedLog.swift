import Logging
import Synchronization

/// Every line that a bridge has logged.
final class RecordedLog: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(ticket: Int, text: String, continuation: CheckedContinuation<Void, Never>)] = []
        var lastTicket = 0
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    /// Suspends until a line contains `text`, or until the test's time is over.
    func wait(for text: String) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isOver = Task.isCancelled || state.lines.contains { $0.contains(text) }
                    if !isOver { state.waiters.append((ticket, text, continuation)) }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            give(up: ticket)
        }
    }

    private func give(up ticket: Int) {
        let left = state.withLock { state in
            let left = state.waiters.filter { $0.ticket == ticket }
            state.waiters.removeAll { $0.ticket == ticket }
            return left.map(\.continuation)
        }
        for continuation in left { continuation.resume() }
    }

    private func append(_ line: String) {
        let told = state.withLock { state in
            state.lines.append(line)
            let told = state.waiters.filter { line.contains($0.text) }
            state.waiters.removeAll { line.contains($0.text) }
            return told.map(\.continuation)
        }
        for continuation in told { continuation.resume() }
    }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            log.append("\(event.level) \(event.message) \(fields)")
        }
    }
}
