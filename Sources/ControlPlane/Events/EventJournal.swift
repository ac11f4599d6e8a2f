import Synchronization

/// The last events, and a place to wait for the next.
///
/// Readers have no queue: each keeps the number of the last event that it has seen and takes what came after. One that
/// is slower than the journal is long learns how many it has missed, and costs nothing meanwhile.
package final class EventJournal: Sendable {
    private struct State {
        /// The latest events, oldest first; the last has the number `last`.
        var events: [EventRecord] = []
        /// Where the oldest is: the array is a ring once it is full.
        var start = 0
        var last: UInt64 = 0
        var isClosed = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        /// Waiters that were cancelled before they came to wait.
        var cancelled: Set<UInt64> = []
    }

    /// How many events are replayed.
    package static let limit = 1_000

    private let state = Mutex(State())
    private let now: @Sendable () -> String

    /// - Parameter now: The wall-clock time as RFC 3339 text.
    package init(now: @escaping @Sendable () -> String) {
        self.now = now
    }

    /// Adds an event with the next number and the present time.
    package func record(_ event: EventRecord) {
        let at = now()
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.last += 1
            var event = event
            event.sequence = state.last
            event.at = at
            if state.events.count < Self.limit {
                state.events.append(event)
            } else {
                state.events[state.start] = event
                state.start = (state.start + 1) % Self.limit
            }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// No event comes any more: readers end.
    package func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The number of the latest event; 0 before the first.
    package var last: UInt64 { state.withLock { $0.last } }

    /// The events after `number`, oldest first, with a `lost` in front when some are not there any more.
    package func events(after number: UInt64) -> [EventRecord] {
        state.withLock { state in
            let missing = state.last - min(number, state.last)
            guard missing > 0 else { return [] }
            let there = min(missing, UInt64(state.events.count))
            let first = state.events.count - Int(there)
            let events = (first..<state.events.count).map { state.events[(state.start + $0) % state.events.count] }
            guard number > 0, there < missing else { return events }
            var lost = EventRecord(at: events.first?.at ?? "", kind: .lost, text: "")
            lost.count = missing - there
            lost.text = "\(missing - there) events are missing: the reader was too slow"
            return [lost] + events
        }
    }

    /// Suspends until there is an event after `number`, or the task is cancelled.
    ///
    /// - Returns: False when no event will come: the journal is closed, or the task cancelled.
    package func wait(after number: UInt64) async -> Bool {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isOver =
                        state.last > number || state.isClosed || state.cancelled.remove(waiter) != nil
                    if !isOver { state.waiters[waiter] = continuation }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiters.removeValue(forKey: waiter)
                if continuation == nil { state.cancelled.insert(waiter) }
                return continuation
            }
            continuation?.resume()
        }
        return state.withLock { state in
            state.cancelled.remove(waiter)
            return state.last > number
        }
    }
}
