import ControlPlane
import ServiceConfiguration
import Services
import Supervision
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LoadProbeTests {
    private static let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    private static let unknownHost = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    private static let canary = "c4nary-pass"

    private static func text(_ port: Int, password: String = canary, bridges: Int = 1, probe: String = "{}") -> String {
        """
        upstreams:
          office: { url: "http://127.0.0.1:\(port)", username: alice, password: "\(password)" }
        services:
          bridge:
            type: proxy-bridge
            instances: \(bridges)
            listen: 127.0.0.1:0
            upstream: office
            probe: \(probe)
        """
    }

    @Test(arguments: ["{}", "{ mode: auth }", "{ mode: target, target: a.test:443 }"])
    func `a refused credential is no start, and is told at the upstream without it`(probe: String) async throws {
        try await FakeUpstream.run(answering: Self.refusal) { upstream in
            try await LoadRig.run { rig in
                let end = await rig.load(Self.text(upstream.port, bridges: 3, probe: probe), from: RunningState())
                #expect(end.verdict.outcome == .rejected && end.verdict.exitCode == 69)
                let error = try #require(end.verdict.errors.first)
                #expect(end.verdict.errors.count == 1 && error.kind == .probe && error.service == "bridge@0")
                #expect(
                    "\(error)" == "services.yaml:2:11: cannot use the upstream `office` for `bridge@0`: "
                        + "it refused the credential (407); correct the user name or the password"
                )
                // Three bridges, one credential, one question.
                #expect(upstream.asked.count == 1)
                #expect(!"\(end.verdict)".contains(Self.canary))
                let traces = await rig.traces()
                #expect(traces.inodes.isEmpty && traces.children.isEmpty)
            }
        }
    }

    @Test func `a reload with a refused credential leaves everything as it was`() async throws {
        try await FakeUpstream.run(answering: Self.unknownHost) { good in
            try await FakeUpstream.run(answering: Self.refusal) { bad in
                try await LoadRig.run { rig in
                    let start = await rig.load(Self.text(good.port), from: RunningState())
                    try #require(start.verdict.outcome == .applied, "\(start.verdict)")
                    let before = await rig.traces()
                    let end = await rig.load(Self.text(bad.port), from: start.state)
                    #expect(end.verdict.errors.map(\.kind) == [.probe])
                    #expect(end.state.generation == 1)
                    #expect(await rig.traces() == before)
                    let details = end.state.members["bridge@0"]?.service.details
                    #expect(details?.upstream == "office")
                }
            }
        }
    }

    @Test func `only a bridge with another upstream, credential or probe is asked about again`() async throws {
        try await FakeUpstream.run(answering: Self.unknownHost) { upstream in
            try await LoadRig.run { rig in
                let start = await rig.load(Self.text(upstream.port), from: RunningState())
                try #require(start.verdict.outcome == .applied, "\(start.verdict)")
                #expect(upstream.asked.count == 1)
                let limited = Self.text(upstream.port) + "\n    max_connections: 5"
                let second = await rig.load(limited, from: start.state)
                #expect(second.verdict.outcome == .applied && upstream.asked.count == 1)
                let changed = await rig.load(Self.text(upstream.port, password: "other"), from: second.state)
                #expect(changed.verdict.outcome == .applied && upstream.asked.count == 2)
            }
        }
    }

    @Test(
        arguments: [
            ("{ timeout: 50ms }", nil), ("{ mode: tcp }", refusal), ("{ mode: off }", refusal),
            ("{ on_fail: warn }", refusal), ("{ mode: target, target: a.test:1 }", unknownHost),
        ] as [(String, String?)]
    )
    func `what is not certain, or not asked, is in nobody's way`(probe: String, answer: String?) async throws {
        try await FakeUpstream.run(answering: answer) { upstream in
            try await LoadRig.run { rig in
                let end = await rig.load(Self.text(upstream.port, probe: probe), from: RunningState())
                #expect(end.verdict.outcome == .applied, "\(end.verdict)")
            }
        }
    }

    @Test(arguments: [("{}", true), ("{ mode: tcp }", false), ("{ mode: target, target: a.test:1 }", false)])
    func `an upstream that cannot be reached is in the way of whoever asked for it`(
        probe: String,
        isApplied: Bool
    ) async throws {
        let port = try FreePort.next()
        try await LoadRig.run { rig in
            let end = await rig.load(Self.text(Int(port), probe: probe), from: RunningState())
            #expect((end.verdict.outcome == .applied) == isApplied, "\(end.verdict)")
            #expect(isApplied || "\(end.verdict)".contains("connection_refused; check that it runs"))
        }
    }

    @Test func `a request to shut down ends a probe that gets no answer`() async throws {
        let control = LoadControl()
        try await FakeUpstream.run(answering: nil) { _ in
            control.callOff.fire()
        } _: { upstream in
            try await LoadRig.run { rig in
                let text = Self.text(upstream.port, probe: "{ timeout: 1h }")
                let end = await rig.load(text, from: RunningState(), control: control)
                #expect(end.verdict.outcome == .calledOff)
                let traces = await rig.traces()
                #expect(traces.inodes.isEmpty && traces.children.isEmpty)
            }
        }
    }

    @Test func `a service that is not essential has no say`() async throws {
        try await FakeUpstream.run(answering: Self.refusal) { upstream in
            try await LoadRig.run { rig in
                let text = Self.text(upstream.port) + "\n    essential: false"
                #expect(await rig.load(text, from: RunningState()).verdict.outcome == .applied)
            }
        }
    }

    @Test func `what a probe heard is in the book as long as the configuration has the credential`() async throws {
        try await FakeUpstream.run(answering: Self.refusal) { upstream in
            try await LoadRig.run { rig in
                let rejected = await rig.load(Self.text(upstream.port), from: RunningState())
                #expect(rejected.verdict.outcome == .rejected && rig.refused.count == 0)
                let start = await rig.load(Self.text(upstream.port, probe: "{ on_fail: warn }"), from: rejected.state)
                #expect(start.verdict.outcome == .applied && rig.refused.count == 1)
                let details = start.state.members["bridge@0"]?.service.details
                #expect(details?.upstreamTrouble?.contains("the same credential was refused") == true)
                let limited = Self.text(upstream.port, probe: "{ on_fail: warn }") + "\n    max_connections: 5"
                let second = await rig.load(limited, from: start.state)
                #expect(second.verdict.outcome == .applied && rig.refused.count == 1)
                let other = Self.text(upstream.port, password: "other", probe: "{ mode: off }")
                let changed = await rig.load(other, from: second.state)
                #expect(changed.verdict.outcome == .applied && rig.refused.count == 0)
            }
        }
    }

    @Test func `an upstream that is a service of the same load is not asked`() async throws {
        let port = try FreePort.next()
        func text(_ password: String) -> String {
            """
            services:
              far:
                type: proxy-bridge
                listen: "127.0.0.1:\(port)"
                upstream: direct
                auth: { username: q, password: \(password) }
              near:
                type: proxy-bridge
                listen: 127.0.0.1:0
                requires: far
                upstream: { url: "http://localhost:\(port)", username: q, password: \(password) }
            """
        }
        try await LoadRig.run { rig in
            let start = await rig.load(text("one"), from: RunningState())
            try #require(start.verdict.outcome == .applied, "\(start.verdict)")
            let end = await rig.load(text("two"), from: start.state)
            #expect(end.verdict.outcome == .applied, "\(end.verdict)")
        }
    }
}
