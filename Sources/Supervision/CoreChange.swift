/// A tree change as the core sees it: names and rules, no services.
struct CoreChange: Sendable {
    struct Entry: Sendable {
        var id: ChildID
        var rules: ChildRules
    }

    /// Identifies the change in its reply.
    var number: Int
    var start: [Entry] = []
    var stop: [ChildID] = []
    var update: [Entry] = []
}

extension CoreChange {
    init(_ change: TreeChange, number: Int) {
        self.init(
            number: number,
            start: change.start.map { Entry(id: $0.specification.id, rules: ChildRules($0.specification)) },
            stop: change.stop,
            update: change.update.map { Entry(id: $0.id, rules: ChildRules($0)) }
        )
    }
}
