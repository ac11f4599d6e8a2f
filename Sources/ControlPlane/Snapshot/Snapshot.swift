/// The state of the whole daemon at one moment.
///
/// Status, page, metrics and the log are views of this one value, which is also the answer of `GET /v1/status`.
/// Durations are seconds, times RFC 3339 in UTC, sizes bytes. A field that a reader does not know is to be ignored.
package struct Snapshot: Codable, Hashable, Sendable {
    /// The version of the format; a change that old readers cannot ignore makes a new path, `/v2/status`.
    package var version = 1
    package var daemon: DaemonStatus
    /// Every child of the tree in start order, those of earlier generations that still drain included, then the
    /// services that were stopped by hand.
    package var services: [ServiceStatus] = []
    package var groups: [GroupStatus] = []
    package var pools: [PoolStatus] = []
    /// The last loads, the latest last.
    package var loads: [LoadRecord] = []

    package init(daemon: DaemonStatus) {
        self.daemon = daemon
    }
}
