import ControlPlane
import Glibc
import Supervision

/// Says on the standard error what a long wait is for: on a terminal one line in place, else a line now and then.
final class Progress {
    /// A log of a script needs no more.
    private static let pause = Duration.seconds(5)
    /// The progress only decorates: a daemon too busy to tell it does not hold up the answer.
    private static let patience = Duration.milliseconds(500)

    private let client: ControlClient
    private let isTerminal: Bool
    private var last: Duration?
    private var isShown = false

    init(_ client: ControlClient) {
        self.client = client
        isTerminal = Terminal(STDERR_FILENO) != nil
    }

    func show(after waited: Duration) {
        if !isTerminal, let last, waited - last < Self.pause { return }
        last = waited
        let style = Terminal.style(.never, on: STDERR_FILENO)
        let line: String
        do {
            let snapshot = try client.answer(Snapshot.self, to: .status(silence: Self.patience)).value
            line = ProgressText.line(snapshot, after: waited / .seconds(1), style: style)
        } catch {
            line = "waiting for \(waited.words)"
        }
        isShown = isTerminal
        _ = Output.write(isTerminal ? "\r\u{1b}[K\(line)" : line + "\n", to: STDERR_FILENO)
    }

    /// Takes the line away, before anything else is written.
    func clear() {
        if isShown { _ = Output.write("\r\u{1b}[K", to: STDERR_FILENO) }
        isShown = false
    }
}
