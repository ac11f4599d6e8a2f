import Planning
import ServiceConfiguration
import Supervision
import Testing

@testable import Daemon

/// When a generation on trial has failed.
@Suite(.timeLimit(.minutes(1)))
struct TrialValueTests {
    private static let changed = ChildID(name: "a", generation: 2)

    private func trial(confirmWithin: Duration? = nil) -> Trial {
        let place = SourcePosition(file: "services.yaml", line: 1, column: 1)
        var configuration = Configuration()
        configuration.groups = [
            GroupSettings(name: "inner", at: place, children: ["a"]),
            GroupSettings(name: "outer", at: place, children: ["inner"]),
            GroupSettings(name: "other", at: place, children: ["b"]),
        ]
        let commit = Commit(
            generation: 2,
            configuration: configuration,
            previous: Intent(),
            changed: [Self.changed]
        )
        return Trial(of: commit, confirmWithin: confirmWithin)
    }

    @Test(arguments: [
        (SupervisionEvent.gaveUp(changed, reason: "boom"), true),
        (.gaveUp(ChildID(name: "a", generation: 1), reason: "boom"), false),
        (.gaveUp(ChildID(name: "b", generation: 1), reason: "boom"), false),
        (.crashed(changed, error: "boom"), false),
        (.changed(changed, .ready), false),
        (.groupGaveUp("outer", reason: "boom", after: nil), true),
        (.groupGaveUp("outer", reason: "boom", after: .seconds(1)), false),
        (.groupGaveUp("other", reason: "boom", after: nil), false),
    ])
    func `only a service that it changed, or a group around one, fails it by giving up`(
        event: SupervisionEvent,
        fails: Bool
    ) {
        var trial = trial()
        let (first, second) = (trial.fails(by: event), trial.fails(by: event))
        #expect(first == fails)
        #expect(!second, "only once")
    }

    @Test func `one that nobody has to confirm ends well by itself, the other only when it is confirmed`() {
        var quiet = trial()
        let isQuietOver = quiet.expires()
        #expect(!isQuietOver)
        #expect(quiet.limit == .seconds(60))
        var confirmed = trial(confirmWithin: .seconds(5))
        let isOver = confirmed.expires()
        #expect(isOver)
        #expect(confirmed.failure == "nobody confirmed it within 5s")
    }
}
