/// A tree change as the core sees it: names and rules, no services.
struct CoreChange: Sendable {
    struct Entry: Sendable {
        var id: ChildID
        var rules: ChildRules
        /// Why nothing is prepared; nil: it is.
        var failure: String?
    }

    /// Identifies the change in its reply.
    var number: Int
    var start: [Entry] = []
    var stop: [ChildID] = []
    var update: [Entry] = []
    /// All groups from now on; nil: as before.
    var groups: [GroupSpecification]?
    /// Who may not end the root until the next change.
    var onTrial: Set<String> = []
}

extension CoreChange {
    init(_ change: TreeChange, number: Int) {
        self.init(
            number: number,
            start: change.start.map {
                Entry(id: $0.specification.id, rules: ChildRules($0.specification), failure: $0.failure)
            },
            stop: change.stop,
            update: change.update.map { Entry(id: $0.id, rules: ChildRules($0)) },
            groups: change.groups,
            onTrial: change.onTrial
        )
    }
}
