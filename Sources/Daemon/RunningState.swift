import ServiceConfiguration
import Services
import Sockets
import Supervision

/// What runs: the committed configuration and the services made from it.
///
/// A value: a load takes one and returns the next, so a rejected load cannot have changed it.
struct RunningState: Sendable {
    /// One running service and its place in the tree.
    struct Member: Sendable {
        var child: ChildID
        var service: any ConfigurableService
        var listen: [ListenRequest]
    }

    /// The number of the committed configuration; 0 before the first.
    var generation: UInt64 = 0
    var configuration = Configuration()
    var members: [String: Member] = [:]
    /// Services of earlier generations that still drain.
    var retired: [Member] = []
}
