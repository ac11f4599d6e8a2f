import ControlPlane
import ServiceConfiguration
import Sockets
import Supervision
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

    private static func text(_ first: String, _ second: String, bridges: Int = 1, more: String = "") -> String {
        """
        pools:
          proxies: { members: [{ url: "http://127.0.0.1:1" }, { url: "http://127.0.0.1:2" }] }
        services:
          first: { type: echo, listen: \(first) }
          second: { type: echo, listen: \(second) }
          bridge: { type: proxy-bridge, instances: \(bridges), listen: 127.0.0.1:0, upstream: { pool: proxies } }
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
            let wanted = Self.text(second, first.replacing("127.0.0.1", with: "0.0.0.0"), bridges: 2, more: more)
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
            let control = LoadControl()
            control.callOff.fire()
            let more = "  third: { type: echo, listen: 127.0.0.1:0 }"
            let end = await rig.load(Self.text(first, second, more: more), from: state, control: control)
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
                #expect(end.verdict.errors.map(\.position?.line) == [4, 5])
                #expect(end.state.generation == 0)
            }
            _ = state
        }
    }

    @Test func `a pool that is too small is told with the addresses in the way, and everything is as before`()
        async throws
    {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            try await LoadRig.run { other in
                let more = "  third: { type: echo, listen: 127.0.0.1:0 }"
                let end = await other.load(Self.text(first, second, bridges: 3, more: more), from: RunningState())
                #expect(end.verdict.errors.map(\.kind) == [.bind, .bind, .allocation])
                #expect(end.verdict.exitCode == 69)
                let traces = await other.traces()
                #expect(traces.inodes.isEmpty && traces.children.isEmpty && traces.members == ["-", "-", "-"])
                // The descriptor in reserve that every table keeps.
                #expect(traces.descriptors.count == 1)
            }
            let before = await rig.traces()
            let end = await rig.load(Self.text(first, second, bridges: 3), from: state)
            let error = try #require(end.verdict.errors.first)
            #expect(error.position?.line == 6 && error.service == "bridge@2")
            #expect(
                error.message.hasPrefix("cannot allocate a member of the pool `proxies` for `bridge@2`: all 2 are ")
            )
            #expect(await rig.traces() == before)
        }
    }

    @Test func `a reload keeps the members that are held and allocates the new ones`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            let before = await rig.traces().members
            let end = await rig.load(Self.text(first, second, bridges: 2), from: state)
            #expect(end.verdict.outcome == .applied)
            let after = await rig.traces().members
            #expect(after[0] == before[0])
            #expect(Set(after.prefix(2)) == ["proxies[0]", "proxies[1]"])
        }
    }

    @Test func `a service that is not essential starts without its address, and the verdict says so`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            _ = state
            try await LoadRig.run { other in
                let text = """
                    services:
                      spare:
                        type: echo
                        listen: \(first)
                        essential: false
                        restart: { backoff: { initial: 1h, max: 1h } }
                      main: { type: echo, listen: 127.0.0.1:0 }
                    """
                let end = await other.load(text, from: RunningState())
                #expect(end.verdict.outcome == .applied)
                let readiness = try #require(end.verdict.readiness)
                #expect(readiness.services == 2)
                #expect(readiness.unready.map(\.service) == ["spare"])
                #expect(readiness.unready.first?.reason?.contains("cannot bind \(first)") == true)
                let states = await other.tree.snapshot().map { "\($0.id.name) \($0.state.rawValue)" }
                #expect(Set(states) == ["spare backing-off", "main ready"])
            }
            _ = second
        }
    }

    @Test func `each attempt at an absent address says the same, with its place and who holds it`() async throws {
        try await LoadRig.run { rig in
            let (_, first, _) = try await start(rig)
            try await LoadRig.run { other in
                let text = """
                    services:
                      spare:
                        type: echo
                        listen: \(first)
                        essential: false
                        restart: { backoff: { initial: 1ms, max: 1ms } }
                    """
                let state = await other.load(text, from: RunningState()).state
                var reasons = other.crashes.makeAsyncIterator()
                let expected =
                    "services.yaml:4:13: cannot bind \(first): address already in use "
                    + "(errno 98, held by thief, pid 7)"
                for _ in 0..<3 { #expect(await reasons.next() == expected) }
                // A live change brings its own place.
                let changed = "# one line more\n" + text.replacing("max: 1ms", with: "max: 2ms")
                #expect(await other.load(changed, from: state).verdict.outcome == .applied)
                while let reason = await reasons.next(), reason == expected {}
                #expect(await reasons.next() == expected.replacing(":4:13:", with: ":5:13:"))
            }
        }
    }

    @Test func `the groups of the file are those of the tree, and change without touching their members`() async throws
    {
        try await LoadRig.run { rig in
            let services = """
                services:
                  a: { type: echo, listen: 127.0.0.1:0 }
                  b: { type: echo, listen: 127.0.0.1:0 }
                """
            let first = await rig.load(services + "\ngroups: { pair: { children: [a, b] } }", from: RunningState())
            #expect(await rig.tree.snapshot().map(\.group) == ["pair", "pair"])
            let inodes = rig.listeners.inodes()
            let second = await rig.load(services + "\ngroups: { one: { children: [b] } }", from: first.state)
            #expect(second.verdict.outcome == .applied)
            let groups = await rig.tree.snapshot().map { "\($0.id.name) \($0.id.generation) \($0.group ?? "-")" }
            #expect(Set(groups) == ["a 1 -", "b 1 one"])
            #expect(rig.listeners.inodes() == inodes)
        }
    }

    @Test func `a program that cannot run rejects the load at its place, and everything is as before`() async throws {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            let before = await rig.traces()
            let more = """
                  third: { type: echo, listen: 127.0.0.1:0 }
                  missing: { type: process, command: [/nonexistent/program] }
                  folder: { type: process, command: [/tmp] }
                """
            let end = await rig.load(Self.text(first, second, bridges: 2, more: more), from: state)
            #expect(end.verdict.outcome == .rejected && end.verdict.exitCode == 69)
            #expect(end.verdict.errors.map(\.kind) == [.preparation, .preparation])
            #expect(end.verdict.errors.map(\.service) == ["missing", "folder"])
            #expect(end.verdict.errors.map(\.position?.line) == [8, 9])
            #expect(await rig.traces() == before)
        }
    }

    @Test func `programs that cannot run are told with the addresses in the way, and everything is as before`()
        async throws
    {
        try await LoadRig.run { rig in
            let (state, first, second) = try await start(rig)
            try await LoadRig.run { other in
                let more = """
                      missing: { type: process, command: [/nonexistent/program] }
                      works: { type: process, command: [/bin/sh] }
                      spare: { type: process, command: [/nonexistent/program], essential: false }
                      folder: { type: process, command: [/bin/sh], directory: /nonexistent }
                    """
                let end = await other.load(Self.text(first, second, bridges: 3, more: more), from: RunningState())
                #expect(end.verdict.outcome == .rejected && end.verdict.exitCode == 69)
                #expect(
                    end.verdict.errors.map(\.kind) == [.bind, .bind, .allocation, .preparation, .preparation]
                )
                #expect(end.verdict.errors.suffix(2).map(\.service) == ["missing", "folder"])
                #expect(end.verdict.errors.suffix(2).map(\.position?.line) == [7, 10])
                let traces = await other.traces()
                #expect(traces.inodes.isEmpty && traces.children.isEmpty && traces.members == ["-", "-", "-"])
                #expect(traces.descriptors.count == 1)
            }
            let before = await rig.traces()
            // What runs already has been found before.
            let more = "  missing: { type: process, command: [/nonexistent/program] }"
            let end = await rig.load(Self.text(first, second, bridges: 3, more: more), from: state)
            #expect(end.verdict.errors.map(\.kind) == [.allocation, .preparation])
            #expect(await rig.traces() == before)
        }
    }

    @Test func `a warden that cannot start rejects the load, and everything is as before`() async throws {
        try await LoadRig.run(warden: "/nonexistent/warden") { rig in
            let (state, first, second) = try await start(rig)
            let before = await rig.traces()
            let more = "  job: { type: process, command: [/bin/sh] }"
            let end = await rig.load(Self.text(first, second, bridges: 2, more: more), from: state)
            #expect(end.verdict.outcome == .rejected && end.verdict.exitCode == 69)
            #expect(end.verdict.errors.map(\.service) == ["job"])
            #expect(await rig.traces() == before)
        }
    }

    @Test func `a program that is not essential and not there starts backing off`() async throws {
        try await LoadRig.run { rig in
            let text = "services: { job: { type: process, command: [/nonexistent/program], essential: false } }"
            let end = await rig.load(text, from: RunningState())
            #expect(end.verdict.outcome == .applied)
            #expect(end.verdict.readiness?.unready.map(\.state) == [.backingOff])
        }
    }
}
