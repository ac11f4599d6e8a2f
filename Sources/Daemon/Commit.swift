import Planning
import ServiceConfiguration
import Supervision

/// A load that has passed the point of no return.
struct Commit: Sendable {
    /// What runs now.
    var state: RunningState
    /// What ran before.
    var previous: Intent
    /// The children that start, or that go on with other settings.
    var changed: Set<ChildID>

    var generation: UInt64 { state.generation }
    var configuration: Configuration { state.configuration }
    /// All children of the generation.
    var children: Set<ChildID> { Set(state.members.values.map(\.child)) }
}
