import Supervision
import Synchronization

/// Supervises two services that fail together, and shows that nothing is left at the end.
@main
struct Embedding {
    static func main() async throws {
        try await sumOfSquares()
        let journal = Journal()
        let supervisor = Supervisor { journal.record($0) }
        let end = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await drive(supervisor, journal) }
            let end = await supervisor.run()
            try await group.waitForAll()
            return end
        }
        guard case .shutDown(let forced) = end, forced.isEmpty else {
            throw Surprise(text: "cannot end cleanly: \(end)")
        }
        print("ended, nothing was forced")
    }

    /// Starts the group, waits until a failure of one member has restarted both, and shuts down.
    private static func drive(_ supervisor: Supervisor, _ journal: Journal) async throws {
        let lives = Lives()
        var change = TreeChange()
        change.start = [
            try await child("notebook", NotebookService()),
            try await child("ticker", requires: ["notebook"], LifecycleChild { Ticker(lives: lives.count) }),
        ]
        change.groups = [GroupSpecification(name: "pair", strategy: .oneForAll, members: ["notebook", "ticker"])]
        let states = await supervisor.apply(change)
        guard states.values.allSatisfy({ $0 == .ready }) else { throw Surprise(text: "cannot start: \(states)") }
        await journal.untilReady("ticker", times: 2)
        for status in await supervisor.snapshot() {
            print("\(status.id.name) in \(status.group ?? "the root"): \(status.state), \(status.restarts) restarts")
        }
        supervisor.shutDown(limit: .seconds(5))
    }

    private static func child(
        _ name: String,
        requires: [String] = [],
        _ service: any Service
    ) async throws -> PreparedChild {
        var restart = RestartPolicy()
        restart.initialDelay = .milliseconds(10)
        let specification = ChildSpecification(
            id: ChildID(name: name, generation: 1),
            requires: requires,
            restart: restart,
            drain: .seconds(1),
            essential: true,
            service: service
        )
        return PreparedChild(specification, prepared: try await service.prepare())
    }

    /// Work in parallel, at most eight tasks at a time; the first failure would cancel the rest.
    private static func sumOfSquares() async throws {
        let squares = try await TaskPool.scope(limit: 8) { pool in
            try await pool.collect("square", count: 100) { number in number * number }
        }
        print("the sum of a hundred squares is \(squares.reduce(0, +))")
    }
}
