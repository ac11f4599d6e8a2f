import Supervision
import Synchronization

/// Prints what happens in the tree, and lets others wait for it.
final class Journal: Sendable {
    private struct State {
        var ready: [String: Int] = [:]
        var waiters: [(name: String, times: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func record(_ event: SupervisionEvent) {
        switch event {
        case .changed(let id, let state):
            print("\(id.name) is \(state.rawValue)")
            if state == .ready { countReady(id.name) }
        case .crashed(let id, let error): print("\(id.name) crashed: \(error)")
        case .groupRestarts(let group, let failed, _): print("\(group) restarts because of \(failed)")
        case .willRestart, .gaveUp, .forced, .unresponsive, .conditionChanged, .groupGaveUp: print(event)
        }
    }

    /// Suspends until the child has been ready so many times.
    func untilReady(_ name: String, times: Int) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.ready[name, default: 0] >= times { return true }
                state.waiters.append((name, times, continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func countReady(_ name: String) {
        let over = state.withLock { state in
            state.ready[name, default: 0] += 1
            let ready = state.ready
            let over = state.waiters.filter { ready[$0.name, default: 0] >= $0.times }
            state.waiters.removeAll { ready[$0.name, default: 0] >= $0.times }
            return over
        }
        for waiter in over { waiter.continuation.resume() }
    }
}
