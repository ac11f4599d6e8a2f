import ControlPlane
import Supervision

/// The load that is under way.
struct RunningLoad {
    var request: LoadRequest
    /// The request that waits for its verdict; nil: nobody does.
    var number: UInt64?
    let since = ContinuousClock.now
    var phase = LoadProgress.Phase.reading
    /// What runs, or ran until the commit.
    let previous: RunningState
    /// Set at the commit.
    var commit: Commit?
    /// The children that have ended since the load began.
    var ended: Set<ChildID> = []
}
