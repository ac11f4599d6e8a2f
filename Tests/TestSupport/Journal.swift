import Synchronization

/// What happened, in order; a test waits for entries instead of sleeping.
package final class Journal: Sendable {
    private struct Reader {
        var ticket: Int
        var entry: String
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var entries: [String] = []
        var readers: [Reader] = []
        var lastTicket = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var entries: [String] {
        state.withLock { $0.entries }
    }

    package func write(_ entry: String) {
        let satisfied = state.withLock { state in
            state.entries.append(entry)
            let entries = state.entries
            let isSatisfied = { (reader: Reader) in entries.count { $0 == reader.entry } >= reader.count }
            let satisfied = state.readers.filter(isSatisfied)
            state.readers.removeAll(where: isSatisfied)
            return satisfied
        }
        for reader in satisfied {
            reader.continuation.resume()
        }
    }

    /// Suspends until the entry has been written `count` times, or until the test's time is over.
    package func wait(for entry: String, count: Int = 1) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.entries.count(where: { $0 == entry }) >= count { return true }
                    let reader = Reader(ticket: ticket, entry: entry, count: count, continuation: continuation)
                    state.readers.append(reader)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            give(up: ticket)
        }
    }

    private func give(up ticket: Int) {
        let left = state.withLock { state in
            let left = state.readers.filter { $0.ticket == ticket }
            state.readers.removeAll { $0.ticket == ticket }
            return left
        }
        for reader in left { reader.continuation.resume() }
    }
}
