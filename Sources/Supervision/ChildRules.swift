/// What the core knows of a child's specification: everything but the service itself.
struct ChildRules: Hashable, Sendable {
    var requires: [String] = []
    var restart = RestartPolicy()
    var drain = Duration.seconds(10)
    var essential = true
    var replacement = Replacement.overlapping
}

extension ChildRules {
    init(_ specification: ChildSpecification) {
        self.init(
            requires: specification.requires,
            restart: specification.restart,
            drain: specification.drain,
            essential: specification.essential,
            replacement: specification.replacement
        )
    }
}
