/// An address at which the daemon itself answers: the keys `control` and `status`.
package enum EndpointKind: Hashable, Sendable {
    /// The control socket: open to root, to the daemon's own user and to the members of `group`, when there is one.
    case control(group: UInt32?)
    /// The status page with its metrics: read-only, and open to whoever can connect.
    case status

    /// Its name in the tree and in logs; no service can have it, because it starts with `@`.
    package var name: String {
        switch self {
        case .control: "@control"
        case .status: "@status"
        }
    }

    /// The key that moves it: `control.socket`.
    package var key: String {
        switch self {
        case .control: "control.socket"
        case .status: "status.listen"
        }
    }

    /// How many connections it has at a time.
    ///
    /// A machine has a few operators and scripts that ask once, and a few that follow the events; a page is watched by
    /// some browsers and scraped by some collectors. Beyond that they wait in the kernel's queue.
    var maxConnections: Int {
        switch self {
        case .control: 256
        case .status: 64
        }
    }
}
