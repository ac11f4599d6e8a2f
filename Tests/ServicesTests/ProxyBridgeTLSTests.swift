import NIOCore
import NIOSSL
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

private let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
private let established = "HTTP/1.1 200 Connection established\r\n\r\n"
private let get = "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n"

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeTLSTests {
    @Test func `a tunnel is opened over TLS, with banner and early bytes`() async throws {
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            let head = try await peer.readHead()
            #expect(head.contains("\r\nProxy-Authorization: Basic YWxpY2U6czNjcmV0\r\n"))
            try await peer.send("HTTP/1.1 200 OK\r\n\r\nbanner\n")
            try await peer.send("got " + (try await peer.read(through: "\n")))
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                let reply = try await rig.exchange(connect + "early\n")
                #expect(reply == established + "banner\ngot early\n")
                await rig.log.wait(for: "tls_ms=")
            }
        }
    }

    @Test func `plain requests share a connection over TLS, in absolute-form`() async throws {
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            while true {
                let head = try await peer.readHead()
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
            }
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                try await rig.client { client in
                    for _ in 1...2 {
                        try await client.send(get)
                        _ = try await client.readHead()
                        let body = try await client.readHead()
                        #expect(body.hasPrefix("GET http://a.test/x HTTP/1.1\r\n"))
                        #expect(body.contains("\r\nProxy-Authorization: Basic YWxpY2U6czNjcmV0\r\n"))
                    }
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `plain requests can go through a tunnel`() async throws {
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            let tunnel = try await peer.readHead()
            #expect(tunnel.hasPrefix("CONNECT a.test:80 HTTP/1.1\r\n"))
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            let head = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port, upstream: { $0.plainVia = .connect })) { rig in
                try await rig.client { client in
                    try await client.send(get)
                    _ = try await client.readHead()
                    let body = try await client.readHead()
                    #expect(body == "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n")
                }
            }
        }
    }

    // MARK: - Who is trusted

    /// Settings, and whether an upstream with the certificate of the tests is trusted with them.
    private static let trust: [(String, Bool, @Sendable (inout UpstreamTLS) -> Void)] = [
        ("an address in the certificate", true, { @Sendable _ in }),
        ("a name in the certificate", true, { @Sendable in $0.serverName = "proxy.test" }),
        ("another name", false, { @Sendable in $0.serverName = "else.test" }),
        ("the authorities of the system", false, { @Sendable in $0.authorities = nil }),
        ("another authority", false, { @Sendable in $0.authorities = Array(TestCertificates.client.utf8) }),
        ("nobody looks", true, { @Sendable in $0 = blind([]) }),
        ("the right pin among others", true, { @Sendable in $0.pins = [TLSRig.pin(1), TLSRig.pin()] }),
        ("the wrong pin", false, { @Sendable in $0.pins = [TLSRig.pin(1)] }),
        ("nobody looks but at the wrong pin", false, { @Sendable in $0 = blind([TLSRig.pin(1)]) }),
        ("nobody looks but at the right pin", true, { @Sendable in $0 = blind([TLSRig.pin()]) }),
        (
            "the right pin for another name", false,
            { @Sendable in ($0.serverName, $0.pins) = ("else.test", [TLSRig.pin()]) }
        ),
    ]

    private static func blind(_ pins: [CertificatePin]) -> UpstreamTLS {
        var settings = UpstreamTLS()
        settings.verifies = false
        settings.pins = pins
        return settings
    }

    @Test(arguments: [(TestCertificates.lasting, true), (TestCertificates.expired, false)])
    func `a certificate is trusted within its time`(_ certificate: String, _ isTrusted: Bool) async throws {
        try await ScriptedServer.run(over: TLSRig.server(certificate: certificate)) { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\nin\n")
        } _: { server in
            let settings = TLSRig.bridge(server.port) { $0.authorities = Array(certificate.utf8) }
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                if isTrusted {
                    #expect(reply == established + "in\n")
                } else {
                    #expect(reply.contains("error=tls_certificate_error\r\n") && reply.contains("check its name"))
                }
            }
        }
    }

    @Test(arguments: trust)
    func `an upstream is trusted for its certificate`(
        _ why: String,
        _ isTrusted: Bool,
        _ change: @Sendable (inout UpstreamTLS) -> Void
    ) async throws {
        let spoken = Gate()
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            _ = try await peer.readHead()
            spoken.open()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\nin\n")
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port, change)) { rig in
                let reply = try await rig.exchange(connect)
                if isTrusted {
                    #expect(reply == established + "in\n", "\(why)")
                    await spoken.pass()
                } else {
                    #expect(reply.hasPrefix("HTTP/1.1 502 "), "\(why)")
                    #expect(reply.contains("error=tls_certificate_error\r\n"), "\(why)")
                }
            }
        }
    }

    @Test func `a certificate for another name is refused`() async throws {
        let tls = try TLSRig.server(certificate: TestCertificates.other, key: TestCertificates.otherKey)
        try await ScriptedServer.run(over: tls) { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("error=tls_certificate_error\r\n"))
            }
        }
    }

    @Test(arguments: [true, false])
    func `an upstream may want to know who asks`(hasCertificate: Bool) async throws {
        try await ScriptedServer.run(over: TLSRig.strictServer()) { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\nin\n")
        } _: { server in
            let settings = TLSRig.bridge(server.port) { $0.identity = hasCertificate ? TLSRig.identity : nil }
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                if hasCertificate {
                    #expect(reply == established + "in\n")
                } else {
                    #expect(reply.contains("error=tls_protocol_error\r\n"))
                }
            }
        }
    }

    // MARK: - Handshakes that fail

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n", ""])
    func `a server without TLS is found out`(_ answer: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readBytes(1)
            try await peer.send(answer)
            peer.finish()
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                for request in [connect, get] {
                    let reply = try await rig.exchange(request)
                    #expect(reply.hasPrefix("HTTP/1.1 502 "))
                    #expect(reply.contains("error=tls_protocol_error\r\n"))
                }
            }
        }
    }

    @Test func `a version older than TLS 1.2 is not spoken`() async throws {
        let old = try TLSRig.server { ($0.minimumTLSVersion, $0.maximumTLSVersion) = (.tlsv1, .tlsv11) }
        try await ScriptedServer.run(over: old) { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("error=tls_protocol_error\r\n"))
            }
        }
    }

    @Test func `a handshake that does not end is given up`() async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            var settings = TLSRig.bridge(server.port)
            settings.timeouts.tls = .milliseconds(50)
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.hasPrefix("HTTP/1.1 504 ") && reply.contains("error=connection_timeout\r\n"))
            }
        }
    }

    @Test func `a client that goes away takes the handshake with it`() async throws {
        let asked = Gate()
        let abandoned = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readBytes(1)
            asked.open()
            await peer.waitForEnd()
            abandoned.open()
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    await asked.pass()
                    client.finish()
                }
                await abandoned.pass()
                await rig.log.wait(for: "cause=client_aborted")
            }
        }
    }

    @Test func `what has no way to speak TLS has no way at all`() async throws {
        try await ScriptedServer.run { _, _ in
        } _: { server in
            let settings = TLSRig.bridge(server.port) { $0.authorities = [] }
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("error=proxy_internal_error\r\n"))
                #expect(server.connections == 0)
            }
        }
    }
}
