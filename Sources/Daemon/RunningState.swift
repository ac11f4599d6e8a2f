import Planning
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
        var kind: ServiceKind
        var service: any ConfigurableService
        var listen: [ListenRequest]
    }

    /// The number of the committed configuration; 0 before the first.
    var generation: UInt64 = 0
    /// What the file declares and what was stopped by hand.
    var intent = Intent()
    /// The effective configuration of the intent.
    var configuration = Configuration()
    var members: [String: Member] = [:]
    /// Services of earlier generations that still drain.
    var retired: [Member] = []

    /// The service of a child, whether it is of this generation or still drains.
    func member(_ id: ChildID) -> Member? {
        if let current = members[id.name], current.child == id { return current }
        return retired.first { $0.child == id }
    }
}
