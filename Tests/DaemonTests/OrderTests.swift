import Addresses
import ControlPlane
import Planning
import ServiceConfiguration
import Sockets
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Orders for services by name, and the way back, each as a transaction.
@Suite(.timeLimit(.minutes(1)))
struct OrderTests {
    private static let text = """
        services:
          a: { type: echo, listen: 127.0.0.1:0 }
          b: { type: echo, listen: 127.0.0.1:0, requires: [a] }
          c: { type: echo, listen: 127.0.0.1:0 }
        """

    private func start(_ rig: LoadRig) async throws -> RunningState {
        let end = await rig.load(Self.text, from: RunningState())
        try #require(end.verdict.outcome == .applied, "\(end.verdict)")
        return end.state
    }

    private func order(_ order: Order, _ names: String..., of rig: LoadRig, from state: RunningState) async
        -> LoadTransaction.End
    {
        await rig.run(LoadRequest(.order, .order(order, services: names)), from: state)
    }

    /// Another owner of a port; waits until the last one has let it go.
    private func taken(_ port: UInt16) async -> ListenerTable {
        let request = ListenRequest(.tcp(.v4(0x7f00_0001), port: port), owner: "thief", index: 0)
        let thief = ListenerTable()
        while true {
            switch thief.stage([request]) {
            case .staged(let staged):
                staged.commit()
                return thief
            case .failed: await Task.yield()
            }
        }
    }

    private func steps(_ verdict: Verdict) -> [String] {
        (verdict.plan?.entries ?? []).map { "\($0.service) \($0.step.rawValue)" }
    }

    @Test func `a stop takes what requires the service along, and a start brings both back`() async throws {
        try await LoadRig.run { rig in
            let state = try await start(rig)
            let stopped = await order(.stop, "a", of: rig, from: state)
            #expect(stopped.verdict.outcome == .applied)
            #expect(steps(stopped.verdict) == ["a stop", "b stop", "c keep"])
            #expect(rig.listeners.inodes().count == 1, "its address is free")
            let reloaded = await rig.load(Self.text, from: stopped.state)
            #expect(reloaded.verdict.outcome == .unchanged, "what was stopped by hand stays so")
            let started = await order(.start, "b", of: rig, from: reloaded.state)
            #expect(steps(started.verdict) == ["a start", "b start", "c keep"])
            #expect(started.verdict.readiness?.isDegraded == false)
            #expect(await order(.start, "b", of: rig, from: started.state).verdict.outcome == .unchanged)
        }
    }

    @Test func `a restart replaces one service and keeps its address open`() async throws {
        try await LoadRig.run { rig in
            let state = try await start(rig)
            let before = rig.listeners.inodes()
            let end = await order(.restart, "a", of: rig, from: state)
            #expect(steps(end.verdict) == ["a restart", "b keep", "c keep"])
            #expect(end.state.members["a"]?.child == ChildID(name: "a", generation: 2))
            #expect(rig.listeners.inodes() == before)
        }
    }

    @Test func `a start whose address is taken is rejected, and says by whom`() async throws {
        try await LoadRig.run { rig in
            let port = try FreePort.next()
            let text = Self.text + "\n  d: { type: echo, listen: 127.0.0.1:\(port) }\n"
            let first = await rig.load(text, from: RunningState())
            let stopped = await order(.stop, "d", of: rig, from: first.state)
            let thief = await taken(port)
            let started = await order(.start, "d", of: rig, from: stopped.state)
            #expect(started.verdict.outcome == .rejected)
            #expect(started.verdict.errors.first?.holder?.command == "thief")
            #expect(started.verdict.exitCode == 69)
            thief.retireAll()
        }
    }

    @Test func `a reversal runs what ran before, what was stopped by hand included`() async throws {
        try await LoadRig.run { rig in
            let state = try await start(rig)
            let stopped = await order(.stop, "c", of: rig, from: state)
            let added = await rig.load(Self.text + "\n  e: { type: echo, listen: 127.0.0.1:0 }\n", from: stopped.state)
            let request = LoadRequest(.reversal, .reversal(to: stopped.state.intent))
            let end = await rig.run(request, from: added.state)
            #expect(end.state.configuration.services.map(\.name) == ["a", "b"])
            #expect(end.state.generation == 4)
        }
    }

    @Test func `a commit tells what has changed and what ran before`() async throws {
        try await LoadRig.run { rig in
            let state = try await start(rig)
            let commits = Mutex<[Commit]>([])
            rig.write(Self.text + "\n  e: { type: echo, listen: 127.0.0.1:0 }\n", to: "services.yaml")
            _ = await rig.run(LoadRequest(.signal), from: state) { commit in
                commits.withLock { $0.append(commit) }
            }
            let all = commits.withLock { $0 }
            #expect(all.map(\.changed) == [[ChildID(name: "e", generation: 2)]])
            #expect(all.first?.previous == state.intent)
        }
    }

    @Test func `a plan says what a reload would do and does nothing`() async throws {
        try await LoadRig.run { rig in
            let state = try await start(rig)
            let before = await rig.traces()
            let planned = await rig.plan(
                Self.text.replacing("c: { type: echo,", with: "c: { type: echo, drain: 3s,"),
                from: state
            )
            #expect(planned.outcome == .planned)
            #expect(steps(planned) == ["a keep", "b keep", "c apply"])
            #expect(planned.plan?.entries.last?.position.line == 4)
            let wrong = await rig.plan("services: { a: { type: ecco } }", from: state)
            #expect(wrong.outcome == .rejected)
            #expect(wrong.exitCode == 65)
            #expect(await rig.traces() == before)
        }
    }
}
