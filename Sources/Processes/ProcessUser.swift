/// The user and groups of a process, as numbers.
package struct ProcessUser: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32
    package var supplementaryGroups: [UInt32]

    package init(user: UInt32, group: UInt32, supplementaryGroups: [UInt32]) {
        self.user = user
        self.group = group
        self.supplementaryGroups = supplementaryGroups
    }
}
