/// One group of services, or one instance of it, as it is to run.
package struct GroupSettings: Hashable, Sendable {
    /// Who restarts with a failed child.
    package enum Strategy: String, CaseIterable, Sendable {
        case oneForOne = "one-for-one"
        case oneForAll = "one-for-all"
        case restForOne = "rest-for-one"
    }

    /// `browser`, or `browser@1` for a group of instanced services.
    package var name: String
    /// Where the group's name stands in the file; not part of its identity.
    package var position: Located<String>
    package var strategy = Strategy.oneForOne
    /// How many restarts of its children are allowed within `period`.
    package var intensity = 5
    package var period = Duration.seconds(60)
    /// Names of service instances and of groups, in the order of the file.
    package var children: [String]

    package init(name: String, at position: SourcePosition, children: [String]) {
        self.name = name
        self.position = Located(name, at: position)
        self.children = children
    }
}
