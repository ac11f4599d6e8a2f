import Supervision

/// Why a verb got no answer that it can use.
package enum ControlFailure: Error, Hashable, Sendable {
    /// There is no socket at any of these places.
    case noDaemon([String])
    /// There is a socket, and nobody listens on it.
    case stale(String)
    case notPermitted(String)
    case notASocket(String)
    case pathTooLong(String)
    /// Nothing came for so long.
    case silent(String, Duration)
    /// The daemon ended, or closed the connection, before the answer was complete.
    case wentAway(String)
    /// What answers there speaks another language.
    case notOurs(String)
    /// The answer is longer than this number of bytes.
    case tooLong(String, Int)
    case refused(Refusal)
    /// The kernel's word for what no other case names.
    case system(String, String)

    /// The exit code of a verb that ends with it.
    package var exitCode: Int32 {
        switch self {
        case .noDaemon, .stale, .wentAway: 76
        // It has ended, or another process has taken its place.
        case .refused(let refusal) where refusal.kind == .ending: 76
        case .notPermitted, .notASocket, .pathTooLong, .silent, .notOurs, .tooLong, .refused, .system: 69
        }
    }
}

extension ControlFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDaemon(let places):
            "cannot find a running daemon: there is no socket at \(places.joined(separator: ", "));"
                + " start `supervisor -c FILE`, or name its socket with --socket"
        case .stale(let path):
            "cannot reach a daemon at \(path): nobody listens on it any more; start `supervisor -c FILE`"
        case .notPermitted(let path):
            "cannot open \(path): permission denied; run this as root, as the user of the daemon or in its group"
        case .notASocket(let path):
            "cannot use \(path): it is no socket; name the daemon's control socket with --socket"
        case .pathTooLong(let path):
            "cannot use \(path): the path of a socket has at most \(SocketPath.limit) bytes; name a shorter one"
        case .silent(let path, let limit):
            "cannot wait longer for \(path): it has been silent for \(limit.words); see the daemon's log"
        case .wentAway(let path):
            "cannot get the answer of \(path): the daemon went away; see its log, then try again"
        case .notOurs(let path):
            "cannot understand \(path): it is no supervisor's, or another version's; name the right one with --socket"
        case .tooLong(let path, let limit):
            "cannot take the answer of \(path): it is longer than \(limit) bytes; ask for less, or by `curl`"
        case .refused(let refusal):
            Printable.text(refusal.message)
        case .system(let path, let reason):
            "cannot talk to \(path): \(reason); see the daemon's log, then try again"
        }
    }
}
