import Addresses
import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
private let established = "HTTP/1.1 200 Connection established\r\n\r\n"

extension BridgeSettings {
    /// A bridge to the upstream at `port` with small limits.
    static func through(
        _ port: Int,
        password: String = "s3cret",
        _ change: (inout BridgeTimeouts) -> Void = { _ in }
    ) -> BridgeSettings {
        let credential = Credential(username: Secret("alice"), password: Secret(password))
        var settings = BridgeSettings(
            upstream: .proxy(
                UpstreamProxy(id: "office", host: "127.0.0.1", port: UInt16(port), credential: credential)
            )
        )
        change(&settings.timeouts)
        return settings
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeTunnelTests {
    @Test func `the upstream gets host and credential and nothing of the client's head`() async throws {
        try await ScriptedServer.run { peer, _ in
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n" + (try await peer.readHead()))
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let reply = try await rig.exchange(
                    "CONNECT a.test:443 HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\n"
                        + "Proxy-Authorization: Basic b2xk\r\n\r\n"
                )
                #expect(
                    reply == established + "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"
                        + "Proxy-Authorization: Basic YWxpY2U6czNjcmV0\r\n\r\n"
                )
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-Upstream: 1\r\n\r\n",
        "HTTP/1.1 299 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `any success opens the tunnel, and what came with it is delivered`(_ reply: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(reply + "banner\r\n")
            try await peer.send("echo " + (try await peer.read(through: "\n")))
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    let reply1 = try await client.readHead()
                    #expect(reply1 == established)
                    let reply2 = try await client.read(through: "\n")
                    #expect(reply2 == "banner\r\n")
                    try await client.send("hello\n")
                    let reply3 = try await client.readToEnd()
                    #expect(reply3 == "echo hello\n")
                }
            }
        }
    }

    @Test func `early bytes are held until the upstream has agreed`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            let early = peer.buffer.readableBytes
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            let data = try await peer.read(through: "early\n")
            try await peer.send("\(head.hasSuffix("\r\n\r\n")) \(early) \(data)")
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let reply4 = try await rig.exchange(connect + "early\n")
                #expect(reply4 == established + "true 0 early\n")
            }
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"up\"\r\n\r\nsecret page",
            502, "proxy_configuration_error; received-status=407"
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\nsecret page",
            502, "proxy_configuration_error; received-status=401"
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\nsecret page", 502, "http_protocol_error; received-status=403"),
        ("HTTP/1.1 503 Busy\r\n\r\nsecret page", 503, "destination_unavailable; received-status=503"),
        ("HTTP/1.1 504 Late\r\n\r\nsecret page", 504, "destination_unavailable; received-status=504"),
        ("HTTP/1.1 101 Switching\r\n\r\n", 502, "http_protocol_error; received-status=101"),
        ("SSH-2.0-secret page\r\n", 502, "http_protocol_error"), ("", 502, "connection_terminated"),
        ("HTTP/1.1 200 OK\r\n", 502, "connection_terminated"),
        ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 200_000), 502, "http_response_header_section_size"),
    ])
    func `a refusal becomes a failure of the bridge's own`(
        _ reply: String,
        _ status: Int,
        _ error: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(reply)
            if reply.isEmpty { try await peer.close() }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let answer = try await rig.exchange(connect + "early")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
                #expect(answer.contains("\r\nProxy-Status: \"bridge@1\"; error=\(error)\r\n"))
                #expect(!answer.contains("secret page") && !answer.contains("uthenticate"))
            }
        }
    }

    @Test func `a reset before the reply is told`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.reset()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("502 Bad Gateway"))
            }
        }
    }

    @Test func `an upstream that never answers is given up`() async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            let settings = BridgeSettings.through(server.port) { $0.reply = .milliseconds(50) }
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("error=connection_read_timeout"))
            }
        }
    }

    /// The word is for what was awaited, not for which limit came first.
    @Test func `an upstream that is silent when the whole time is over is told as that`() async throws {
        let (clock, asked) = (ManualClock(), Gate())
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            asked.open()
            await peer.waitForEnd()
        } _: { server in
            let settings = BridgeSettings.through(server.port) { $0.reply = .seconds(600) }
            try await ProxyBridgeRig.run(settings, clock: clock) { rig in
                let answer = try await rig.client { client in
                    try await client.send(connect)
                    await asked.pass()
                    await clock.untilSleepers(1)
                    clock.advance(by: .seconds(30))
                    return try await client.readToEnd()
                }
                #expect(answer.contains("error=connection_read_timeout\r\n"), "\(answer)")
            }
        }
    }

    @Test func `a closed port is a refused connection`() async throws {
        try await ProxyBridgeRig.run(.through(1)) { rig in
            let reply = try await rig.exchange(connect)
            #expect(reply.contains("error=connection_refused"))
        }
    }

    @Test func `a name without address is a dns error`() async throws {
        try await ProxyBridgeRig.run(BridgeSettings(upstream: .direct)) { rig in
            let answer = try await rig.exchange("CONNECT a.invalid:443 HTTP/1.1\r\nHost: a.invalid\r\n\r\n")
            #expect(answer.contains("error=dns_"))
        }
    }

    @Test(arguments: [true, false])
    func `a client that goes away takes its dial with it`(byReset: Bool) async throws {
        let asked = Gate()
        let abandoned = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            asked.open()
            await peer.waitForEnd()
            abandoned.open()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    await asked.pass()
                    if byReset { try await client.reset() } else { client.finish() }
                }
                await abandoned.pass()
                await rig.log.wait(for: "cause=client_aborted")
            }
        }
    }

    @Test func `a direct tunnel reaches its origin, and half-close is kept`() async throws {
        try await ScriptedServer.run { peer, _ in
            try await peer.send("got " + (try await peer.readToEnd()))
        } _: { server in
            try await ProxyBridgeRig.run(BridgeSettings(upstream: .direct)) { rig in
                try await rig.client { client in
                    try await client.send("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\nHost: a\r\n\r\n")
                    let reply5 = try await client.readHead()
                    #expect(reply5 == established)
                    try await client.send("all")
                    client.finish()
                    let reply6 = try await client.readToEnd()
                    #expect(reply6 == "got all")
                }
            }
        }
    }

    @Test(arguments: [
        (IPAddress.v4(0x7f00_0001), "127.0.0.1"), (.v4(0x7f00_0001), "[::ffff:127.0.0.1]"), (.v4(0), "127.0.0.1"),
        (.v4(0), "127.0.0.5"), (.v4(0), "0.0.0.0"), (.v4(0), "[::ffff:127.0.0.2]"),
    ])
    func `a tunnel to the bridge itself is a loop`(_ listener: IPAddress, _ host: String) async throws {
        try await ProxyBridgeRig.run(BridgeSettings(upstream: .direct), on: listener) { rig in
            let answer = try await rig.exchange("CONNECT \(host):\(rig.port) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 508 "))
        }
    }

    @Test func `a client that finishes behind its CONNECT has its bytes and its end delivered`() async throws {
        try await ScriptedServer.run { peer, _ in
            try await peer.send("got " + (try await peer.readToEnd()))
        } _: { server in
            try await ProxyBridgeRig.run(BridgeSettings(upstream: .direct)) { rig in
                try await rig.client { client in
                    try await client.send("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\nHost: a\r\n\r\nall")
                    client.finish()
                    let reply = try await client.readToEnd()
                    #expect(reply == established + "got all")
                }
            }
        }
    }

    @Test func `a client that has finished is told of a refusal, and the log of its reason`() async throws {
        let long = String(repeating: "x", count: 300)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(
                "HTTP/1.1 403 No\r\nProxy-Status: up; error=\u{e9}denied\r\nX-Squid-Error: \(long)\r\n"
                    + "Proxy-Authenticate: Basic realm=hidden\r\nRetry-After: 7\r\n\r\n"
            )
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect + "early")
                    client.finish()
                    let reply = try await client.readToEnd()
                    #expect(reply.contains("received-status=403") && !reply.contains("denied"))
                }
                await rig.log.wait(for: "upstream_proxy_status=up; error=\\xc3\\xa9denied")
                let log = rig.log.lines.joined(separator: "\n")
                #expect(log.contains("upstream_retry_after=7") && !log.contains("hidden"))
                #expect(log.contains(long.prefix(200)) && !log.contains(long.prefix(201)))
            }
        }
    }

    @Test func `a refused credential is not sent again until a reload changes it`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            let isRight = head.contains("Basic YWxpY2U6bmV3\r\n")
            try await peer.send(isRight ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 407 No\r\n\r\n")
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port, password: "old")) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("received-status=407"))
                let again = try await rig.exchange(connect)
                #expect(again.contains("received-status=407"))
                #expect(server.connections == 1)
                rig.routes.publish(RouteSnapshot(.through(server.port, password: "new"), generation: 2))
                let reply7 = try await rig.exchange(connect)
                #expect(reply7 == established)
                await rig.log.wait(for: "status=200")
                let log = rig.log.lines.joined(separator: "\n")
                #expect(log.contains("generation=2") && log.contains("target=a.test:443") && log.contains("status=200"))
                #expect(!log.contains("new") && !log.contains("YWxp") && !log.contains("alice"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET http://a/ HTTP/3.0\r\n\r\n", 505),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("PUT http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET http://a/ HTTP/1.1\r\n\r\n", 400),
        ("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("TRACE http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ])
    func `a malformed request is answered and its connection ends`(_ request: String, _ status: Int) async throws {
        try await ProxyBridgeRig.run(.through(1)) { rig in
            let reply = try await rig.exchange(request)
            #expect(reply.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test func `a slow head is answered, a silent client is not`() async throws {
        try await ProxyBridgeRig.run(BridgeSettings.through(1) { $0.requestHead = .milliseconds(50) }) { rig in
            let slow = try await rig.exchange("GET http")
            #expect(slow.hasPrefix("HTTP/1.1 408 "))
        }
        try await ProxyBridgeRig.run(BridgeSettings.through(1) { $0.firstByte = .milliseconds(50) }) { rig in
            let silent = try await rig.client { try await $0.readToEnd() }
            #expect(silent == "")
        }
    }

    @Test func `a client that speaks TLS is not answered, and the log tells why`() async throws {
        try await ProxyBridgeRig.run(.through(1)) { rig in
            let answer = try await rig.exchange("\u{16}\u{3}\u{1}")
            #expect(answer == "")
            await rig.log.wait(for: "TLS")
        }
    }
}
