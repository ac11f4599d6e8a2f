/// A clock reduced to what supervision needs: the time since its start, and sleeping.
package struct TimeSource: Sendable {
    /// The time since this value was made.
    package let elapsed: @Sendable () -> Duration
    /// Throws when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init<Source: Clock<Duration>>(_ clock: Source) {
        switch clock {
        case let clock as ContinuousClock:
            // The same with the type known: a task pool reads the time three times for each task.
            let start = clock.now
            elapsed = { start.duration(to: clock.now) }
            sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
        case let clock as any TimeSourceProvider:
            self = clock.timeSource()
        default:
            let start = clock.now
            elapsed = { start.duration(to: clock.now) }
            sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
        }
    }

    package init(
        elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.elapsed = elapsed
        self.sleep = sleep
    }
}
