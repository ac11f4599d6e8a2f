import ControlPlane
import ServiceConfiguration
import Supervision
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct RunningStateReadinessTests {
    private static let text = """
        services:
          job: { type: echo, listen: 127.0.0.1:0 }
          spare: { type: echo, listen: 127.0.0.1:0, essential: false }
        """

    private func status(_ name: String, _ state: ChildState) -> ChildStatus {
        ChildStatus(
            id: ChildID(name: name, generation: 1),
            state: state,
            age: .zero,
            restarts: 0,
            lastError: nil,
            nextRestart: nil
        )
    }

    @Test func `a service that has done its work counts as ready, one that failed does not`() async throws {
        try await LoadRig.run { rig in
            let state = await rig.load(Self.text, from: RunningState()).state
            let done = state.readiness(reached: [:], now: [status("job", .stopped), status("spare", .ready)])
            #expect(!done.isDegraded)
            let failed = state.readiness(reached: [:], now: [status("job", .failed), status("spare", .ready)])
            #expect(failed.unready.map(\.service) == ["job"])
        }
    }

    @Test func `the start waits for the essential services alone`() async throws {
        try await LoadRig.run { rig in
            let state = await rig.load(Self.text, from: RunningState()).state
            #expect(state.essentialChildren == [ChildID(name: "job", generation: 1)])
        }
    }
}
