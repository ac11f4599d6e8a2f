/// A clock reduced to what supervision needs: the time since its start, and sleeping.
struct TimeSource: Sendable {
    /// The time since this value was made.
    let elapsed: @Sendable () -> Duration
    /// Throws when the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    init<Source: Clock<Duration>>(_ clock: Source) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }
}
