package import Supervision

/// A running supervisor of scripted services, with everything that a test observes.
package struct SupervisedTree: Sendable {
    package let clock: ManualClock
    /// What the services did.
    package let journal: Journal
    /// What the supervisor reported; the two happen side by side.
    package let events: Journal
    package let supervisor: Supervisor

    package init(clock: ManualClock, journal: Journal, events: Journal, supervisor: Supervisor) {
        self.clock = clock
        self.journal = journal
        self.events = events
        self.supervisor = supervisor
    }

    /// Runs a supervisor around `body`, then shuts it down and returns how it ended.
    package static func run(_ body: (SupervisedTree) async throws -> Void) async throws -> Supervisor.End {
        let clock = ManualClock()
        let journal = Journal()
        let events = Journal()
        let supervisor = Supervisor(clock: clock, random: { 0.5 }, observe: { events.write($0.line) })
        let tree = SupervisedTree(clock: clock, journal: journal, events: events, supervisor: supervisor)
        async let end = supervisor.run()
        do {
            try await body(tree)
        } catch {
            supervisor.force()
            _ = await end
            throw error
        }
        supervisor.shutDown(limit: .seconds(60))
        return await end
    }

    /// A prepared child whose first life is the script's number 0, or one whose preparation `failed`.
    package func child(
        _ name: String,
        generation: UInt64 = 1,
        requires: [String] = [],
        restart: RestartPolicy = RestartPolicy(),
        drain: Duration = .seconds(10),
        essential: Bool = true,
        replacement: Replacement = .overlapping,
        failed: String? = nil,
        script: @escaping @Sendable (Int) -> ScriptedService.Life = { _ in .serve }
    ) async throws -> PreparedChild {
        let service = ScriptedService("\(name).\(generation)", journal: journal, script: script)
        let specification = ChildSpecification(
            id: ChildID(name: name, generation: generation),
            requires: requires,
            restart: restart,
            drain: drain,
            essential: essential,
            replacement: replacement,
            service: service
        )
        if let failed { return PreparedChild(specification, failed: failed) }
        return PreparedChild(specification, prepared: try await service.prepare())
    }

    /// Commits a change and returns the states as `name.generation: state`, sorted.
    package func apply(
        start: [PreparedChild],
        stop: [ChildID] = [],
        groups: [GroupSpecification]? = nil
    ) async -> [String] {
        var change = TreeChange()
        change.start = start
        change.stop = stop
        change.groups = groups
        return await supervisor.apply(change).map { "\($0.key.line): \($0.value.rawValue)" }.sorted()
    }
}

extension ChildID {
    /// The identity as tests write it.
    package var line: String { "\(name).\(generation)" }
}

extension SupervisionEvent {
    /// The event as tests write it.
    package var line: String {
        switch self {
        case .changed(let id, let state): "\(id.line) -> \(state.rawValue)"
        case .crashed(let id, let error): "\(id.line) crashed: \(error)"
        case .conditionChanged(let id, let condition): "\(id.line) condition: \(condition)"
        case .groupRestarts(let group, let failed, let restarting):
            "\(group) restarts \(restarting.map(\.line).joined(separator: ", ")) with \(failed)"
        case .groupGaveUp(let group, let reason, _): "\(group) gave up: \(reason)"
        case .willRestart(let id, let delay): "\(id.line) restarts after \(delay)"
        case .gaveUp(let id, let reason): "\(id.line) gave up: \(reason)"
        case .forced(let id, let lines): "\(id.line) forced: \(lines.joined(separator: ", "))"
        case .unresponsive(let id): "\(id.line) is unresponsive"
        }
    }
}
