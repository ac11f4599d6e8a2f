/// What a snapshot says of a group.
package struct GroupStatus: Codable, Hashable, Sendable {
    /// `browser`, or `browser@1` for an instance.
    package var name: String
    /// `one-for-one`, `one-for-all` or `rest-for-one`.
    package var strategy: String
    /// The group around it; nil: the root.
    package var group: String?
    /// Names of services and groups, in the order of the file.
    package var children: [String]

    package init(name: String, strategy: String, group: String? = nil, children: [String]) {
        self.name = name
        self.strategy = strategy
        self.group = group
        self.children = children
    }
}
