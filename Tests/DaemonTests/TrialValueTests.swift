import ControlPlane
import Planning
import ServiceConfiguration
import Services
import Supervision
import Testing

@testable import Daemon

/// When a generation on trial has failed.
@Suite(.timeLimit(.minutes(1)))
struct TrialValueTests {
    private static let changed = ChildID(name: "a", generation: 2)

    private static let start = ContinuousClock.now

    /// A commit of a configuration in which `a` is the only child.
    private func commit(_ generation: UInt64, changed: Set<ChildID>, children: Set<ChildID> = [changed]) -> Commit {
        let place = SourcePosition(file: "services.yaml", line: 1, column: 1)
        var configuration = Configuration()
        configuration.groups = [
            GroupSettings(name: "inner", at: place, children: ["a"]),
            GroupSettings(name: "outer", at: place, children: ["inner"]),
            GroupSettings(name: "other", at: place, children: ["b"]),
        ]
        var state = RunningState(generation: generation, configuration: configuration)
        for child in children {
            state.members[child.name] = RunningState.Member(child: child, kind: .echo, service: NoService(), listen: [])
        }
        return Commit(state: state, previous: Intent().holding(["\(generation)"]), changed: changed)
    }

    private func trial(confirmWithin: Duration? = nil, seconds: Double = 0, last: Trial? = nil) -> Trial? {
        Trial.after(
            commit(2, changed: [Self.changed]),
            LoadRequest(.signal, confirmWithin: confirmWithin),
            last: last,
            isTried: true,
            at: Self.start + .seconds(seconds)
        )
    }

    @Test func `going back is tried again in longer and longer intervals`() throws {
        var trial = try #require(self.trial())
        #expect(trial.nextAttempt == nil)
        let pauses = (0..<8).map { _ in trial.rejected(at: Self.start) }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
        #expect(trial.nextAttempt == Self.start + .seconds(30))
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
    ) throws {
        var trial = try #require(self.trial())
        let (first, second) = (trial.fails(by: event), trial.fails(by: event))
        #expect(first == fails)
        #expect(!second, "only once")
    }

    @Test func `one that nobody has to confirm ends well by itself, the other only when it is confirmed`() throws {
        var quiet = try #require(self.trial())
        let isQuietOver = quiet.expires()
        #expect(!isQuietOver)
        #expect(quiet.end == Self.start + .seconds(60))
        var confirmed = try #require(self.trial(confirmWithin: .seconds(5)))
        let isOver = confirmed.expires()
        #expect(isOver)
        #expect(confirmed.failure == "nobody confirmed it within 5s")
    }

    @Test func `an order meanwhile ends neither kind of trial`() throws {
        let other = commit(3, changed: [ChildID(name: "b", generation: 3)], children: [Self.changed])
        for last in [trial(), trial(confirmWithin: .seconds(5))] {
            let order = LoadRequest(.order, .order(.restart, services: ["b"]))
            let next = Trial.after(other, order, last: last, isTried: false, at: Self.start + .seconds(1))
            #expect(next?.changed == [Self.changed])
            #expect(next?.end == last?.end && next?.needsConfirmation == last?.needsConfirmation)
            #expect(next?.previous == last?.previous, "what was proven last")
        }
    }

    @Test func `a second reload that waits for a confirmation goes back to what was confirmed last`() throws {
        let first = try #require(self.trial(confirmWithin: .seconds(5)))
        let second = try #require(self.trial(confirmWithin: .seconds(7), seconds: 2, last: first))
        #expect(second.previous == first.previous)
        #expect(second.end == Self.start + .seconds(9))
        let plain = try #require(self.trial(seconds: 3, last: second))
        #expect(plain.needsConfirmation && plain.end == second.end, "nobody has confirmed it yet")
    }

    @Test func `what nobody has confirmed in time stays reverted whatever is loaded, but for a new confirmation`()
        throws
    {
        var first = try #require(self.trial(confirmWithin: .seconds(5)))
        let isOver = first.expires()
        #expect(isOver)
        _ = first.rejected(at: Self.start)
        var plain = try #require(self.trial(seconds: 6, last: first))
        #expect(plain.failure == first.failure)
        #expect(plain.rejected(at: Self.start) == .seconds(2), "the pauses go on growing")
        let again = try #require(self.trial(confirmWithin: .seconds(5), seconds: 7, last: first))
        #expect(again.failure == nil)
    }

    @Test func `a failure goes with the child that a later load replaces`() throws {
        var failed = try #require(self.trial())
        _ = failed.fails(by: .gaveUp(Self.changed, reason: "boom"))
        let mended = ChildID(name: "a", generation: 3)
        let request = LoadRequest(.signal)
        let next = Trial.after(
            commit(3, changed: [mended], children: [mended]),
            request,
            last: failed,
            isTried: true,
            at: Self.start
        )
        #expect(next?.failure == nil)
        let kept = Trial.after(commit(3, changed: []), request, last: failed, isTried: true, at: Self.start)
        #expect(kept?.failure != nil)
    }
}

/// A member of a state that nobody runs.
private struct NoService: ConfigurableService {
    func prepare() async throws -> PreparedService { throw CancellationError() }

    func apply(_ specification: ServiceSpecification, generation: UInt64) {}
}
