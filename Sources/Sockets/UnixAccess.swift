/// Who may connect to a unix socket: the mode of its file, and its group.
package struct UnixAccess: Hashable, Sendable {
    /// Owner and group.
    package static let ownerAndGroup = UnixAccess(mode: 0o660)
    /// The owner alone.
    package static let owner = UnixAccess(mode: 0o600)

    package var mode: UInt32
    /// Nil: the group that the file gets by itself.
    package var group: UInt32?

    package init(mode: UInt32, group: UInt32? = nil) {
        self.mode = mode
        self.group = group
    }
}
