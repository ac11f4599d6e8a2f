import YAML

/// A group of the file before its instances are told apart.
struct GroupOutline {
    /// One reference in `children`.
    struct Child {
        var name: String
        var position: Position
    }

    var name: String
    var position: Position
    var strategy = GroupSettings.Strategy.oneForOne
    var intensity = 5
    var period = Duration.seconds(60)
    var children: [Child]

    static func all(in entries: [Node.Entry]) -> [GroupOutline] {
        entries.map { entry in
            let fields = Fields(entry.value)
            let children = fields.oneOrMany("children").compactMap { node -> Child? in
                guard case .scalar(let text, let quoted) = node.content, !Scalars.isNull(text, quoted: quoted) else {
                    return nil
                }
                return Child(name: text, position: node.position)
            }
            var group = GroupOutline(name: entry.key, position: entry.keyPosition, children: children)
            group.strategy = fields.text("strategy").flatMap(GroupSettings.Strategy.init) ?? group.strategy
            group.intensity = fields.integer("intensity") ?? group.intensity
            group.period = fields.duration("period") ?? group.period
            return group
        }
    }
}
