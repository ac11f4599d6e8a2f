import Synchronization

/// A clock that moves only when a test moves it.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        package var offset: Duration

        package func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        package func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        package static func < (left: Instant, right: Instant) -> Bool {
            left.offset < right.offset
        }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Audience {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [UInt64: Sleeper] = [:]
        var lastTicket: UInt64 = 0
        var audience: [Audience] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Instant {
        state.withLock { $0.now }
    }

    package var minimumResolution: Duration { .zero }

    /// How many tasks sleep on this clock.
    package var sleeperCount: Int {
        state.withLock { $0.sleepers.count }
    }

    /// Moves the time and wakes whoever is due, earliest first.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let due = state.sleepers
                .filter { $0.value.deadline <= now }
                .sorted { $0.value.deadline < $1.value.deadline }
            for (ticket, _) in due {
                state.sleepers[ticket] = nil
            }
            return due.map(\.value)
        }
        for sleeper in due {
            sleeper.continuation.resume()
        }
        tellAudience()
    }

    /// Suspends until exactly `count` tasks sleep.
    package func untilSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.audience.append(Audience(count: count, continuation: continuation)) }
            tellAudience()
        }
    }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[ticket] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
                tellAudience()
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: ticket) }
            sleeper?.continuation.resume(throwing: CancellationError())
            tellAudience()
        }
    }

    private func tellAudience() {
        let satisfied = state.withLock { state in
            let count = state.sleepers.count
            let satisfied = state.audience.filter { $0.count == count }
            state.audience.removeAll { $0.count == count }
            return satisfied
        }
        for member in satisfied {
            member.continuation.resume()
        }
    }
}
