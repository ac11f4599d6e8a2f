import ControlPlane
import Planning
import ServiceConfiguration
import Supervision
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LoadIncludeTests {
    private static func echo(_ name: String, _ address: String, _ more: String = "") -> String {
        "services:\n  \(name): { type: echo, listen: \(address)\(more) }\n"
    }

    /// What the plan does to each service, and where that is defined.
    private func steps(_ end: LoadTransaction.End) -> [String] {
        end.verdict.plan?.entries.map { "\($0.service) \($0.step.rawValue) \($0.position)" } ?? []
    }

    /// A main service and two of files.
    private func start(_ rig: LoadRig) async throws -> (state: RunningState, addresses: [String]) {
        let addresses = try (0..<4).map { _ in "127.0.0.1:\(try FreePort.next())" }
        rig.write("include: [conf.d/*.yaml]\n" + Self.echo("main", addresses[0]), to: "services.yaml")
        rig.write(Self.echo("a", addresses[1]), to: "conf.d/a.yaml")
        rig.write(Self.echo("b", addresses[2]), to: "conf.d/b.yaml")
        let started = await rig.load(from: RunningState())
        try #require(started.verdict.outcome == .applied, "\(started.verdict)")
        return (started.state, addresses)
    }

    @Test func `a reload sees added, changed and removed files, and touches nothing else`() async throws {
        try await LoadRig.run { rig in
            let (state, addresses) = try await start(rig)
            #expect(state.configuration.services.map(\.name) == ["main", "a", "b"])
            let before = await rig.traces()
            rig.write(Self.echo("c", addresses[3]), to: "conf.d/c.yaml")
            rig.write(Self.echo("a", addresses[1], ", max_connections: 5"), to: "conf.d/a.yaml")
            rig.remove("conf.d/b.yaml")
            let end = await rig.load(from: state)
            #expect(
                steps(end) == [
                    "b stop conf.d/b.yaml:2:3", "main keep services.yaml:3:3", "a apply conf.d/a.yaml:2:3",
                    "c start conf.d/c.yaml:2:3",
                ]
            )
            let after = await rig.traces()
            for name in ["main", "a"] {
                let own = before.children.filter { $0.hasPrefix("\(name) 1 ") }
                #expect(own.count == 1 && after.children.contains(where: { $0.hasPrefix("\(name) 1 ") }))
            }
            let kept = before.inodes.filter { $0.contains(addresses[0]) || $0.contains(addresses[1]) }
            #expect(kept.count == 2 && kept.allSatisfy(after.inodes.contains))
        }
    }

    @Test func `a service that moves to another file is unchanged`() async throws {
        try await LoadRig.run { rig in
            let (state, addresses) = try await start(rig)
            let before = await rig.traces()
            rig.remove("conf.d/a.yaml")
            rig.write("# moved\n" + Self.echo("a", addresses[1]), to: "conf.d/0.yaml")
            let end = await rig.load(from: state)
            #expect(end.verdict.outcome == .unchanged)
            #expect(await rig.traces() == before)
        }
    }

    @Test func `the last file of a folder may go, and with it the last service`() async throws {
        try await LoadRig.run { rig in
            let (state, addresses) = try await start(rig)
            rig.write("include: [conf.d/*.yaml]\n", to: "services.yaml")
            for name in ["a", "b"] { rig.remove("conf.d/\(name).yaml") }
            let missing = await rig.load(from: state)
            #expect(missing.verdict.errors.map { "\($0.position.map { "\($0)" } ?? "")" } == ["services.yaml:1:11"])
            rig.write("", to: "conf.d/README")
            let end = await rig.load(from: state)
            #expect(end.verdict.outcome == .applied && end.state.configuration.services.isEmpty)
            rig.write(Self.echo("a", addresses[1]), to: "conf.d/a.yaml")
            #expect(await rig.load(from: end.state).verdict.outcome == .applied)
        }
    }

    @Test func `what cannot be had is told with the file in which it is asked for`() async throws {
        try await LoadRig.run { rig in
            let (_, addresses) = try await start(rig)
            try await LoadRig.run { other in
                other.write("include: [conf.d/*.yaml]\n" + Self.echo("main", "127.0.0.1:0"), to: "services.yaml")
                other.write(Self.echo("a", addresses[1]), to: "conf.d/a.yaml")
                other.write(
                    "pools: { p: { members: [{ url: \"http://127.0.0.1:1\" }] } }\n",
                    to: "conf.d/p.yaml"
                )
                let bridge = "type: proxy-bridge, instances: 2, listen: 127.0.0.1:0, upstream: { pool: p }"
                other.write("services:\n  b: { \(bridge) }\n", to: "conf.d/b.yaml")
                other.write("services:\n  m: { type: process, command: [/nonexistent/m] }\n", to: "conf.d/m.yaml")
                let end = await other.load(from: RunningState())
                let errors = end.verdict.errors.map { "\($0.kind.rawValue) \($0.position.map { "\($0)" } ?? "")" }
                #expect(
                    errors == [
                        "bind conf.d/a.yaml:2:28", "allocation conf.d/b.yaml:2:73", "preparation conf.d/m.yaml:2:33",
                    ]
                )
                #expect(end.state.generation == 0)
            }
        }
    }
}
