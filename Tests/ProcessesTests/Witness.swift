import Processes
import Synchronization

/// Takes lines and events, and lets a test wait for them.
final class Witness: LineReceiver {
    private struct State {
        var lines: [ProcessLine] = []
        var events: [ProcessEvent] = []
        var waiters: [(lines: Int, events: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var resumes: [@Sendable () -> Void] = []
        var takes = true
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines.map(\.text) } }
    var processLines: [ProcessLine] { state.withLock { $0.lines } }
    var events: [ProcessEvent] { state.withLock { $0.events } }

    func receive(_ line: ProcessLine) -> Bool {
        let takes = state.withLock { state in
            state.lines.append(line)
            return state.takes
        }
        wake()
        return takes
    }

    func whenReady(_ resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.resumes.append(resume) }
    }

    func note(_ event: ProcessEvent) {
        state.withLock { $0.events.append(event) }
        wake()
    }

    /// From now on no more than one line is taken.
    func stop() { state.withLock { $0.takes = false } }

    func go() {
        let resumes = state.withLock { state in
            state.takes = true
            defer { state.resumes = [] }
            return state.resumes
        }
        for resume in resumes { resume() }
    }

    /// Waits until `count` lines have come, and returns the last of them.
    func line(_ count: Int) async -> String {
        await wait(lines: count, events: 0)
        return lines[count - 1]
    }

    /// Waits until `count` events have come, and returns the last of them.
    func event(_ count: Int) async -> ProcessEvent {
        await wait(lines: 0, events: count)
        return events[count - 1]
    }

    private func wait(lines: Int, events: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append((lines, events, continuation)) }
            wake()
        }
    }

    private func wake() {
        let ready = state.withLock { state in
            var ready: [CheckedContinuation<Void, Never>] = []
            let (lines, events) = (state.lines.count, state.events.count)
            state.waiters.removeAll { waiter in
                guard waiter.lines <= lines, waiter.events <= events else { return false }
                ready.append(waiter.continuation)
                return true
            }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }
}
