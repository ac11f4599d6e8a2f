import Glibc

/// Waits for facts that the kernel or a file shows, never for time alone.
package enum Facts {
    /// How long the poll of a fact rests between two looks: short enough to be exact, long enough to leave the
    /// processors to the daemon.
    private static let pauseMilliseconds: Int32 = 5

    /// Returns as soon as `fact` holds, and throws when it does not hold within the limit.
    package static func wait(
        for name: String,
        within limit: Duration = .seconds(10),
        until fact: () throws -> Bool
    ) throws {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while try !fact() {
            guard ContinuousClock.now < deadline else {
                throw ScenarioFailure("cannot see the fact `\(name)` within \(limit)")
            }
            poll(nil, 0, pauseMilliseconds)
        }
    }

    /// Whether `fact` comes to hold within the limit.
    package static func comes(within limit: Duration = .seconds(5), _ fact: () throws -> Bool) throws -> Bool {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while try !fact() {
            guard ContinuousClock.now < deadline else { return false }
            poll(nil, 0, pauseMilliseconds)
        }
        return true
    }

    /// The pace of a steady load or of a burst of signals: the measured rate is the fact here, not the wait.
    package static func pace(milliseconds: Int32) {
        poll(nil, 0, milliseconds)
    }
}
