import Processes
import Synchronization

/// Passes lines on and looks for a text in them: the fact of `ready: log`.
final class ReadyLineReceiver: LineReceiver {
    private struct Search {
        var isOver = false
        /// The end of the last part of a long line, in which the text may begin; one for each stream.
        var tails: [Bool: String] = [:]
    }

    private let base: any LineReceiver
    private let text: String
    private let found: @Sendable () -> Void
    private let search = Mutex(Search())

    /// - Parameters:
    ///   - text: What to look for.
    ///   - base: Takes the lines.
    ///   - found: Called once, with the first line that contains the text.
    init(_ text: String, base: any LineReceiver, found: @escaping @Sendable () -> Void) {
        self.text = text
        self.base = base
        self.found = found
    }

    func receive(_ line: ProcessLine) -> Bool {
        let isFound = search.withLock { search in
            guard !search.isOver else { return false }
            let whole = search.tails[line.isError, default: ""] + line.text
            search.isOver = whole.contains(text)
            search.tails[line.isError] = line.isPart ? String(whole.suffix(text.count)) : nil
            return search.isOver
        }
        // First: whoever hears that the program is ready finds the line that says so.
        let isWelcome = base.receive(line)
        if isFound { found() }
        return isWelcome
    }

    func whenReady(_ resume: @escaping @Sendable () -> Void) {
        base.whenReady(resume)
    }
}
