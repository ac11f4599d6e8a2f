/// Who connected to a unix socket, as the kernel remembers it from the moment of the connect.
package struct PeerCredentials: Hashable, Sendable {
    package var processID: Int32
    package var userID: UInt32
    package var groupID: UInt32
    /// The supplementary groups.
    package var groups: [UInt32]

    package init(processID: Int32, userID: UInt32, groupID: UInt32, groups: [UInt32]) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.groups = groups
    }

    /// True when one of the groups is `group`.
    package func isMember(of group: UInt32) -> Bool {
        groupID == group || groups.contains(group)
    }
}
