extension Snapshot {
    /// The part that is about a name: a service, all instances of one, or a group with all that belongs to it.
    ///
    /// - Returns: Nil when nothing has that name.
    package func selecting(_ name: String) -> Snapshot? {
        func isNamed(_ other: String) -> Bool { other == name || KnownNames.base(of: other) == name }
        var groups = Set(self.groups.lazy.map(\.name).filter(isNamed))
        var isGrowing = !groups.isEmpty
        while isGrowing {
            let inner = self.groups.filter { $0.group.map(groups.contains) ?? false && !groups.contains($0.name) }
            groups.formUnion(inner.map(\.name))
            isGrowing = !inner.isEmpty
        }
        var part = self
        part.groups = self.groups.filter { groups.contains($0.name) }
        part.services = services.filter { isNamed($0.name) || $0.group.map(groups.contains) ?? false }
        let used = Set(part.services.map(\.name))
        part.pools = pools.filter { pool in pool.members.contains { !used.isDisjoint(with: $0.holders) } }
        return part.services.isEmpty && part.groups.isEmpty ? nil : part
    }
}
