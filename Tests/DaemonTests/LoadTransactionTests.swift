import ControlPlane
import ServiceConfiguration
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LoadTransactionTests {
    /// Two running services on ports that the kernel chose before, so that another text can name these ports.
    private func start(_ rig: LoadRig) async throws -> (state: RunningState, first: String, second: String) {
        let (first, second) = ("127.0.0.1:\(try FreePort.next())", "127.0.0.1:\(try FreePort.next())")
        let started = await rig.load(Self.text(first, second), from: RunningState())
        try #require(started.verdict.outcome == .applied, "\(started.verdict)")
        return (started.state, first, second)
    }

    private static func text(_ first: String, _ second: String, more: String = "") -> String {
        """
        services:
          first: { type: echo, listen: \(first) }
          second: { type: echo, listen: \(second) }
        \(more)
        """
    }

    @Test func `whichever acquisition of a staging fails, everything is as before`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            // A kept address, two swapped owners, a move to the wildcard, new addresses of both families.
            let more = """
                  third: { type: echo, listen: [127.0.0.1:0, "[::1]:0"] }
                  fourth: { type: echo, listen: 127.0.0.1:0 }
                """
            let wanted = Self.text(second, first.replacing("127.0.0.1", with: "0.0.0.0"), more: more)
            let before = await rig.traces()
            var failures = 0
            while failures < 200 {
                rig.calls.fail(at: failures + 1)
                let end = await rig.load(wanted, from: state)
                // Every acquisition succeeded: the call that was to fail belongs to what comes after the commit.
                if end.verdict.outcome == .applied { break }
                failures += 1
                #expect(end.verdict.outcome == .rejected)
                #expect(end.verdict.errors.allSatisfy { $0.kind == .bind && $0.position?.line ?? 0 > 1 })
                #expect(end.state.generation == state.generation)
                #expect(await rig.traces() == before, "the acquisition number \(failures) failed")
            }
            rig.calls.fail(at: nil)
            #expect(
                failures > 12,
                "the staging acquires at least a socket, an address and a duplicate for each listener"
            )
        }
    }

    @Test func `a load that is called off before its commit changes nothing`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            let before = await rig.traces()
            let callOff = CallOff()
            callOff.request()
            let more = "  third: { type: echo, listen: 127.0.0.1:0 }"
            let end = await rig.load(Self.text(first, second, more: more), from: state, callOff: callOff)
            #expect(end.verdict.outcome == .calledOff)
            #expect(await rig.traces() == before)
        }
    }

    @Test func `an equal text is unchanged and touches nothing`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            let before = await rig.traces()
            let end = await rig.load(Self.text(first, second) + "\n# a comment", from: state)
            #expect(end.verdict.outcome == .unchanged)
            #expect(end.state.generation == state.generation)
            #expect(await rig.traces() == before)
        }
    }

    @Test func `every address in the way is reported, not only the first`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            try await LoadRig.run { other in
                let end = await other.load(Self.text(first, second), from: RunningState())
                #expect(end.verdict.errors.map(\.address) == [first, second])
                #expect(end.verdict.errors.allSatisfy { $0.errno == 98 })
                #expect(end.verdict.errors.map(\.position?.line) == [2, 3])
                #expect(end.state.generation == 0)
            }
            _ = state
        }
    }
}
