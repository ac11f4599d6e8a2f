import ServiceConfiguration

/// Finds the groups that change, as key paths: `groups.browser.children`, or `groups.browser` for a whole one.
struct ChangedGroups {
    private let running: [Substring: [GroupSettings]]
    private let desired: [Substring: [GroupSettings]]
    /// The keys of all groups, each once: the desired ones, then those that go.
    private let names: [Substring]

    init(from running: [GroupSettings], to desired: [GroupSettings]) {
        self.running = Dictionary(grouping: running, by: \.keyName)
        self.desired = Dictionary(grouping: desired, by: \.keyName)
        var seen: Set<Substring> = []
        names = (desired + running).map(\.keyName).filter { seen.insert($0).inserted }
    }

    var paths: [String] {
        names.flatMap { name -> [String] in
            guard let old = running[name], let new = desired[name] else { return ["groups.\(name)"] }
            guard old != new else { return [] }
            // The instances of a group differ in their children alone.
            var keys: [String] = []
            if old.first?.strategy != new.first?.strategy { keys.append("strategy") }
            if old.map(\.children) != new.map(\.children) { keys.append("children") }
            if old.first?.intensity != new.first?.intensity { keys.append("intensity") }
            if old.first?.period != new.first?.period { keys.append("period") }
            precondition(!keys.isEmpty, "a key of groups is missing from the plan")
            return keys.map { "groups.\(name).\($0)" }
        }
    }
}

extension GroupSettings {
    /// The group's key in the file: `browser` for the instance `browser@1`.
    fileprivate var keyName: Substring { name.prefix { $0 != "@" } }
}
