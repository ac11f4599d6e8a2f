import Planning
import ServiceConfiguration
import Supervision

/// A load that has passed the point of no return.
struct Commit: Sendable {
    var generation: UInt64
    var configuration: Configuration
    /// What ran before.
    var previous: Intent
    /// The children that start, or that go on with other settings.
    var changed: Set<ChildID>
}
