import Synchronization

/// What happened, in order; a test waits for entries instead of sleeping.
package final class Journal: Sendable {
    private struct Reader {
        var entry: String
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var entries: [String] = []
        var readers: [Reader] = []
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

    /// Suspends until the entry has been written `count` times.
    package func wait(for entry: String, count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.entries.count(where: { $0 == entry }) >= count { return true }
                state.readers.append(Reader(entry: entry, count: count, continuation: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
