import ControlPlane
import ServiceConfiguration
import Services
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

    /// For tests only; what they are for does not matter here.
    private static let certificates = [
        """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUWXlP+zgLuX3lQtU8MATyeB9rxQowCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI3WhgPMjEy
        NjExMDQwNjExMjdaMBkxFzAVBgNVBAMMDlRlc3QgQXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAE/ruM3JrLxyaeWpsOwxtzePBjMnvfHmwR8jyGVrrx
        /gIF/2jflIQEcNwfbvopJ2CeogutqwhTPcr72uddTu/ltqNjMGEwHQYDVR0OBBYE
        FKdCFqmKoAqglmYPx38+beELE1toMB8GA1UdIwQYMBaAFKdCFqmKoAqglmYPx38+
        beELE1toMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
        BAMCA0gAMEUCIFb2wZOwnunNjuj0rLIiSCWuAKQ2LrKQltqVzaeVXYCpAiEAyfr+
        C/4yq0uxWRApBpbqhVT9kkfF1yARCUm9nGXH/qQ=
        -----END CERTIFICATE-----
        """,
        """
        -----BEGIN CERTIFICATE-----
        MIIBoTCCAUigAwIBAgIUQkT9Aww6nTqmkYPh66mz3rWtLhcwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI4WhgPMjEy
        NjExMDQwNjExMjhaMBAxDjAMBgNVBAMMBXByb3h5MFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAEbXpC9TUwfXO0lXE5/FAkT3/9opBrqy6PajTvQWq47ga9CGS54RXo
        It6XL7MO0L5cg6VgNrqyB5ht55848OwtVqN1MHMwJgYDVR0RBB8wHYIKcHJveHku
        dGVzdIIJbG9jYWxob3N0hwR/AAABMAkGA1UdEwQCMAAwHQYDVR0OBBYEFBwLeTee
        4FEnVmtGR7DyhBvG0xllMB8GA1UdIwQYMBaAFKdCFqmKoAqglmYPx38+beELE1to
        MAoGCCqGSM49BAMCA0cAMEQCIEUvLorm40tlT8mFjzfISohkUmvJo27qKH9UaLzz
        NzjUAiBDHRJRbORy3RsHtlO7bREw0xtd55OiTCdW0pn4M96SpA==
        -----END CERTIFICATE-----
        """,
    ]

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
}
