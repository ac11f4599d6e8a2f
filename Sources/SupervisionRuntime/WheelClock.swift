import Glibc
package import Supervision

/// A clock whose sleepers are entries of its executor's timing wheels: exact in its times, a millisecond in its sleeps.
///
/// A sleep never ends early, and up to two milliseconds late when the executor is idle.
///
/// ```swift
/// await WorkerExecutor.scope { executor in
///     await TaskPool.scope(clock: executor.clock) { pool in ... }
/// }
/// ```
public struct WheelClock: Clock, Sendable {
    /// A moment, by the nanoseconds of the system's monotonic clock.
    public struct Instant: InstantProtocol {
        var nanoseconds: Int64

        public func advanced(by duration: Duration) -> Instant {
            Instant(nanoseconds: nanoseconds + duration.clampedNanoseconds)
        }

        public func duration(to other: Instant) -> Duration {
            .nanoseconds(other.nanoseconds - nanoseconds)
        }

        public static func < (left: Instant, right: Instant) -> Bool {
            left.nanoseconds < right.nanoseconds
        }
    }

    /// The length of a tick: what a sleep is rounded up to.
    static let tick: Int64 = 1_000_000

    @usableFromInline let executor: WorkerExecutor

    public var now: Instant {
        Instant(nanoseconds: Self.nanoseconds())
    }

    public var minimumResolution: Duration { .milliseconds(1) }

    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try await executor.sleep(until: deadline.nanoseconds)
    }

    /// Suspends for the duration; throws when the task is cancelled.
    ///
    /// A cancellation cuts it short, unless it is one of at most ten milliseconds: that ends by itself and throws then.
    ///
    /// - Parameter duration: Rounded up to a tick.
    /// - Throws: `CancellationError`.
    // Inlined, for each frame that waits costs its task memory, and a look at where it has to go on.
    @inlinable
    public func sleep(for duration: Duration) async throws {
        guard Self.isShort(duration) else { return try await executor.sleep(for: duration) }
        try await withUnsafeThrowingContinuation { executor.wake($0, after: duration) }
        try Task.checkCancellation()
    }

    /// Whether a sleep is over so soon that nobody misses its cancellation; a handler costs more than the sleep.
    @inlinable
    static func isShort(_ duration: Duration) -> Bool {
        duration <= .milliseconds(10)
    }

    static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension WheelClock: TimeSourceProvider {
    package func timeSource() -> TimeSource {
        let start = Self.nanoseconds()
        let executor = executor
        return TimeSource(
            elapsed: { .nanoseconds(Self.nanoseconds() - start) },
            sleep: { try await executor.sleep(for: $0) }
        )
    }
}

extension Duration {
    /// In nanoseconds, at most a hundred years: no sum of it with a moment overflows.
    var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 100 * 366 * 86_400
        return min(max(seconds, -limit), limit) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
