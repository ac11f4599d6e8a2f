import Addresses
import NIOCore
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

private let established = "HTTP/1.1 200 Connection established\r\n\r\n"

extension BridgeSettings {
    /// The same settings with another one.
    func with(_ change: (inout BridgeSettings) -> Void) -> BridgeSettings {
        var settings = self
        change(&settings)
        return settings
    }
}

/// What a bridge wants of its clients, and what it allows them.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeClientTests {
    private static let direct = BridgeSettings(upstream: .direct)
    private static let guarded = direct.with {
        $0.auth = Credential(username: Secret("bob"), password: Secret("pw"))
    }
    private static let right = "Proxy-Authorization: Basic Ym9iOnB3\r\n"
    private static let wrong = "Proxy-Authorization: Basic Ym9iOnB4\r\n"

    private static func get(_ port: Int, _ fields: String = "") -> String {
        "GET http://127.0.0.1:\(port)/ HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    /// An origin that answers with the head that it got.
    private static func echo(_ peer: ProxyBridgePeer, _ number: Int) async throws {
        while true {
            let head = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
        }
    }

    // MARK: - Authentication

    @Test func `a client without the credential of auth is asked for it, and its tries are noted once`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.guarded) { rig in
                try await rig.client { client in
                    for fields in ["", Self.wrong, "Proxy-Authorization: Bearer Ym9iOnB3\r\n", Self.right + Self.right]
                    {
                        try await client.send(Self.get(server.port, fields))
                        let head = try await client.readHead()
                        #expect(head.hasPrefix("HTTP/1.1 407 Proxy Authentication Required\r\n"))
                        #expect(head.contains("Basic realm=\"bridge@1\", charset=\"UTF-8\"\r\n"))
                        #expect(!head.contains("Connection: close"))
                        let body = try await client.read(through: "\n")
                        #expect(body.hasPrefix("client_authentication bridge@1: cannot"))
                    }
                    #expect(server.connections == 0)
                    try await client.send(Self.get(server.port, Self.right + "Connection: close\r\n"))
                    let answer = try await client.readToEnd()
                    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("GET / HTTP/1.1\r\n"))
                    #expect(!answer.lowercased().contains("proxy-authorization"))
                }
                await rig.log.wait(for: "status=200")
                let log = rig.log.lines
                #expect(log.count { $0.contains("did not authenticate") } == 1)
                #expect(log.count { $0.contains("status=407") } == 4)
                #expect(!log.joined().contains("Ym9i") && !log.joined().contains("bob"))
            }
        }
    }

    @Test(arguments: [
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\nearly", true),
        ("GET http://a.test/ HTTP/1.0\r\n\r\n", true),
        ("GET http://a.test/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true),
        ("PUT http://a.test/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nstart", true),
        ("PUT http://a.test/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", true),
        ("PUT http://a.test/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwhole", false),
        ("PUT http://a.test/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", false),
    ])
    func `after a challenge a connection goes on when the body is out of the way`(
        _ request: String,
        _ ends: Bool
    ) async throws {
        try await ProxyBridgeRig.run(Self.guarded) { rig in
            try await rig.client { client in
                try await client.send(request)
                let head = try await client.readHead()
                #expect(head.hasPrefix("HTTP/1.1 407 "))
                #expect(head.contains("\r\nConnection: close\r\n") == ends)
                if ends { return await client.waitForEnd() }
                _ = try await client.read(through: "\n")
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let next = try await client.readToEnd()
                #expect(next.hasPrefix("HTTP/1.1 400 "), "the body is no request")
            }
        }
    }

    @Test func `a reload changes what clients must send`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.direct) { rig in
                try await rig.client { client in
                    for (generation, settings, status) in [
                        (2, Self.direct, 200), (3, Self.guarded, 407), (4, Self.direct, 200),
                    ] {
                        rig.routes.publish(RouteSnapshot(settings, generation: UInt64(generation)))
                        try await client.send(Self.get(server.port, Self.wrong))
                        let head = try await client.readHead()
                        #expect(head.hasPrefix("HTTP/1.1 \(status) "))
                        if status == 407 {
                            _ = try await client.read(through: "\n")
                        } else {
                            _ = try await client.readHead()
                        }
                    }
                }
            }
        }
    }

    // MARK: - Policy

    @Test(arguments: [
        ("CONNECT 127.0.0.1:PORT HTTP/1.1", "destination_ip_prohibited", "policy.allow"),
        ("CONNECT localhost:PORT HTTP/1.1", "destination_ip_prohibited", "policy.allow"),
        ("GET http://127.1:PORT/ HTTP/1.1", "destination_ip_prohibited", "policy.allow"),
        ("GET http://[::ffff:127.0.0.1]:PORT/ HTTP/1.1", "destination_ip_prohibited", "policy.allow"),
        ("GET http://10.0.0.1:PORT/ HTTP/1.1", "destination_ip_prohibited", "policy.allow_private"),
        ("CONNECT mail.test:25 HTTP/1.1", "http_request_denied", "policy.ports"),
    ])
    func `what the policy denies is not dialled, and the client is told what would allow it`(
        _ line: String,
        _ error: String,
        _ key: String
    ) async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.direct, allowsLoopback: false) { rig in
                let line = line.split(separator: "PORT", omittingEmptySubsequences: false).joined(
                    separator: "\(server.port)"
                )
                let answer = try await rig.exchange("\(line)\r\nHost: a\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
                #expect(answer.contains("Proxy-Status: \"bridge@1\"; error=\(error)\r\n") && answer.contains(key))
                #expect(server.connections == 0)
                await rig.log.wait(for: "error=\(error)")
            }
        }
    }

    @Test func `an upstream is not asked for what the policy denies, but for what only it can know`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n\(head)")
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port), allowsLoopback: false) { rig in
                for host in [
                    "127.0.0.1", "0x7f.1", "[::1]", "a.localhost", "169.254.169.254", "metadata.google.internal",
                ] {
                    let answer = try await rig.exchange("CONNECT \(host):443 HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 403 "))
                }
                #expect(server.connections == 0)
                for host in ["10.0.0.1", "a.test"] {
                    let answer = try await rig.exchange("CONNECT \(host):443 HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(answer.hasPrefix(established))
                }
            }
        }
    }

    @Test func `a name is looked up once and only its allowed addresses are connected to`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            // It has loopback addresses only, and 127.0.0.1 is the one that is allowed.
            try await ProxyBridgeRig.run(Self.direct) { rig in
                let fields = "Host: a\r\nConnection: close\r\n\r\n"
                let answer = try await rig.exchange("GET http://localhost:\(server.port)/ HTTP/1.1\r\n\(fields)")
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "LOCALHOST."])
    func `a target that names the bridge itself is a loop, whatever the upstream`(_ host: String) async throws {
        for settings in [Self.direct, .through(1)] {
            try await ProxyBridgeRig.run(settings, allowsLoopback: false) { rig in
                for line in ["CONNECT \(host):\(rig.port)", "GET http://\(host):\(rig.port)/"] {
                    let answer = try await rig.exchange("\(line) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 508 Loop Detected\r\n"))
                }
            }
        }
    }

    // MARK: - Via and the style of errors

    @Test func `with via the bridge adds itself in both directions and knows its own requests again`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.direct.with { $0.via = true }) { rig in
                try await rig.client { client in
                    try await client.send(Self.get(server.port, "Via: 1.0 other\r\n"))
                    let head = try await client.readHead()
                    #expect(head.contains("\r\nVia: 1.1 bridge-1-0\r\n"))
                    let seen = try await client.readHead()
                    #expect(seen.contains("\r\nVia: 1.0 other\r\nVia: 1.1 bridge-1-0\r\n"))
                    try await client.send(Self.get(server.port, "Via: 1.0 other, 1.1 Bridge-1-0 (x)\r\n"))
                    let loop = try await client.readToEnd()
                    #expect(loop.hasPrefix("HTTP/1.1 508 "))
                }
            }
            try await ProxyBridgeRig.run(Self.direct) { rig in
                let answer = try await rig.exchange(
                    Self.get(server.port, "Via: 1.1 bridge-1-0\r\nConnection: close\r\n")
                )
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
                #expect(
                    answer.contains("\r\nVia: 1.1 bridge-1-0\r\n") && !answer.contains("Via: 1.1 bridge-1-0\r\nVia")
                )
            }
        }
    }

    @Test func `errors in the style of proxy-chain keep their reasons`() async throws {
        try await ProxyBridgeRig.run(BridgeSettings.through(1).with { $0.errorStyle = .proxyChain }) { rig in
            let answer = try await rig.exchange("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 594 Connection Refused\r\n"))
            #expect(answer.contains("error=connection_refused"))
        }
        try await ProxyBridgeRig.run(Self.direct.with { $0.errorStyle = .proxyChain }) { rig in
            let plain = try await rig.exchange("GET http://a.invalid/ HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(plain.hasPrefix("HTTP/1.1 404 Not Found\r\n") || plain.hasPrefix("HTTP/1.1 504 "))
            let tunnel = try await rig.exchange("CONNECT a.invalid:443 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(tunnel.hasPrefix("HTTP/1.1 593 Not Found\r\n") || tunnel.hasPrefix("HTTP/1.1 504 "))
        }
    }
}
