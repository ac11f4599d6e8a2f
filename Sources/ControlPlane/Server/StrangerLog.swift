import Logging
import Sockets
import Synchronization

/// Logs users who must not give commands, each once: a stranger must not be able to fill the log.
final class StrangerLog: Sendable {
    /// So many are named; whoever can make more users than that needs no more lines.
    private static let limit = 64

    private let log: Logger
    private let known = Mutex<Set<UInt32>>([])

    init(_ log: Logger) {
        self.log = log
    }

    func record(_ peer: PeerCredentials) {
        let isNew = known.withLock { $0.count < Self.limit && $0.insert(peer.userID).inserted }
        guard isNew else { return }
        log.warning(
            "a user who must not give commands was refused; name a group of his as `control.group` to let him in",
            metadata: ["uid": "\(peer.userID)", "pid": "\(peer.processID)"]
        )
    }
}
