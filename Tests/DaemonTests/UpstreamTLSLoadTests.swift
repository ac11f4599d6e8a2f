import ControlPlane
import ServiceConfiguration
import Services
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct UpstreamTLSLoadTests {
    private static let text = """
        services:
          bridge:
            type: proxy-bridge
            listen: 127.0.0.1:0
            upstream: { url: "https://127.0.0.1:1", ca_file: ca.pem }
        """

    private static let plain = text.replacing("https", with: "http").replacing(", ca_file: ca.pem", with: "")

    /// What they are for does not matter here.
    private static let certificates = [TestCertificates.authority, TestCertificates.proxy]

    @Test func `a file that has changed is a changed upstream, and one that is broken changes nothing`() async throws {
        try await LoadRig.run { rig in
            rig.write(Self.certificates[0], to: "ca.pem")
            let first = await rig.load(Self.text, from: RunningState())
            try #require(first.verdict.outcome == .applied, "\(first.verdict)")
            #expect(await rig.load(Self.text, from: first.state).verdict.outcome == .unchanged)

            rig.write("no certificate", to: "ca.pem")
            let broken = await rig.load(Self.text, from: first.state)
            #expect(broken.verdict.outcome == .rejected)
            #expect(broken.state.generation == first.state.generation)
            let error = try #require(broken.verdict.errors.first)
            #expect(error.position?.line == 5 && error.position?.column == 54)
            #expect(error.message.hasPrefix("cannot use this file of authorities"))
            #expect(rig.contexts.count == 1)

            rig.write(Self.certificates[1], to: "ca.pem")
            let changed = await rig.load(Self.text, from: broken.state)
            #expect(changed.verdict.outcome == .applied)
            #expect(rig.contexts.count == 1, "the old one is no longer kept")

            let without = await rig.load(Self.plain, from: changed.state)
            #expect(without.verdict.outcome == .applied)
            #expect(rig.contexts.count == 0)
        }
    }

    @Test func `a plan neither takes nor leaves what TLS needs`() async throws {
        try await LoadRig.run { rig in
            rig.write(Self.certificates[0], to: "ca.pem")
            let state = await rig.load(Self.text, from: RunningState()).state
            // What a load has made that stages at this moment.
            var staged = UpstreamTLS()
            staged.verifies = false
            #expect(rig.contexts.problem(with: staged) == nil)
            #expect(rig.contexts.count == 2)
            rig.write(Self.certificates[1], to: "ca.pem")
            #expect(await rig.plan(Self.text, from: state).outcome == .planned)
            #expect(rig.contexts.count == 2)
        }
    }
}
