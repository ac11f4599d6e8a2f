import Hummingbird
import Sockets

/// Lets root in, the daemon's own user, and the members of one group.
struct PeerAdmission: Admission {
    /// The user that the daemon runs as.
    let userID: UInt32
    /// Nil: there is no such group.
    let group: UInt32?
    let strangers: StrangerLog

    func check(_ request: Request, of context: EndpointContext) throws {
        if let peer = context.peer {
            if admits(peer) { return }
            strangers.record(peer)
        }
        let message =
            "cannot take commands from this user: ask as root, as the user of the daemon, or as a member of "
            + "`control.group`"
        throw RefusedRequest(.forbidden, .forbidden, message)
    }

    func admits(_ peer: PeerCredentials) -> Bool {
        peer.userID == 0 || peer.userID == userID || group.map { peer.isMember(of: $0) } ?? false
    }
}
