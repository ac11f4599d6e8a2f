/// The state of the whole daemon at one moment.
///
/// Status, page, metrics and the log are views of this one value, which is also the answer of `GET /v1/status`.
/// Durations are seconds, times RFC 3339 in UTC, sizes bytes. A field that a reader does not know is to be ignored.
package struct Snapshot: Codable, Hashable, Sendable {
    /// The version of the format; a change that old readers cannot ignore makes a new path, `/v2/status`.
    package var version = 1
    package var daemon: DaemonStatus
    /// Every service in the order of the configuration, each after those that it requires; the generations of one that
    /// still drain beside it, what was stopped by hand in its place, what is no longer declared last.
    package var services: [ServiceStatus] = []
    package var groups: [GroupStatus] = []
    package var pools: [PoolStatus] = []
    /// The last loads, the latest last.
    package var loads: [LoadRecord] = []

    package init(daemon: DaemonStatus) {
        self.daemon = daemon
    }
}
