import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private let direct = BridgeSettings(upstream: .direct)
private let asked = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n"
private let agreed =
    "HTTP/1.1 101 Switching Protocols\r\nX-B: c\r\nConnection: upgrade, x-b\r\nUpgrade: WebSocket\r\nX-A: b\r\n\r\n"

private func request(_ port: Int, _ fields: String = asked, method: String = "GET", scheme: String = "ws") -> String {
    "\(method) \(scheme)://127.0.0.1:\(port)/chat HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n"
}

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeUpgradeTests {
    @Test func `a websocket is opened, and what came with either head is delivered`() async throws {
        let checked = Gate()
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            #expect(
                head == "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:\(head.portOfHost)\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"
            )
            await checked.pass()
            try await peer.send(agreed + "banner\r\n")
            try await peer.send("echo " + (try await peer.read(through: "early")))
            try await peer.send(try await peer.readToEnd())
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(request(server.port) + "early")
                    checked.open()
                    let head = try await client.readHead()
                    #expect(
                        head == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
                            + "X-A: b\r\n\r\n"
                    )
                    let banner = try await client.read(through: "early")
                    #expect(banner == "banner\r\necho early")
                    try await client.send("more")
                    client.finish()
                    let rest = try await client.readToEnd()
                    #expect(rest == "more")
                }
                await rig.log.wait(for: "cause=client_fin")
                let record = try #require(rig.log.lines.first { $0.contains("cause=client_fin") })
                #expect(record.contains("status=101") && record.contains("up=9 "))
            }
        }
    }

    @Test func `any other answer to the wish is a normal response, and the connection goes on`() async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                _ = try await peer.readHead()
                try await peer.send("HTTP/1.1 426 No\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno")
            }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    for _ in 1...2 {
                        try await client.send(request(server.port))
                        let head = try await client.readHead()
                        #expect(head == "HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\n")
                        let body = try await client.read(bytes: 2)
                        #expect(body == "no")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        (asked, "GET", "Upgrade: h2c\r\n", "http_upgrade_failed"),
        (asked, "GET", "", "http_upgrade_failed"),
        (asked, "GET", "Upgrade: websocket, h2c\r\n", "http_upgrade_failed"),
        ("", "GET", "Upgrade: websocket\r\n", "http_protocol_error"),
        ("Upgrade: websocket\r\n", "GET", "Upgrade: websocket\r\n", "http_protocol_error"),
        (asked + "Content-Length: 0\r\n", "POST", "Upgrade: websocket\r\n", "http_protocol_error"),
    ])
    func `a 101 that was not asked for, or names another protocol, is a failure`(
        _ fields: String,
        _ method: String,
        _ answer: String,
        _ word: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\(answer)\r\nsecret")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let reply = try await rig.exchange(request(server.port, fields, method: method))
                #expect(reply.hasPrefix("HTTP/1.1 502 ") && reply.contains("error=\(word)"))
                #expect(!reply.contains("secret"))
            }
        }
    }

    @Test(arguments: [
        ("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n", ""),
        ("Connection: Upgrade\r\nUpgrade: h2c, WebSocket\r\n", "Connection: Upgrade\r\nUpgrade: WebSocket\r\n"),
        (
            "Connection: x\r\nUpgrade: websocket\r\nX: y\r\nConnection: upgrade\r\n",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        ),
        ("Upgrade: websocket\r\n", ""), ("Connection: upgrade\r\n", "Connection: Upgrade\r\n"),
    ])
    func `only the wish for a websocket is forwarded`(_ fields: String, _ forwarded: String) async throws {
        var reader = RequestHeadReader()
        var buffer = ByteBuffer(string: request(80, fields))
        let head = try #require(try reader.read(&buffer))
        let text = String(buffer: HeadWriter.request(head, path: Array("/".utf8), toProxy: nil))
        let expected = head.upgrade == nil ? "" : forwarded
        #expect(text == "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\(expected)\r\n")
    }

    @Test func `an upstream proxy is asked in absolute form, and its tunnel is relayed`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            #expect(head.hasPrefix("GET http://a.test/ HTTP/1.1\r\n") && head.contains("Proxy-Authorization: Basic "))
            #expect(head.contains("Upgrade: websocket\r\n"))
            try await peer.send(agreed)
            try await peer.send(try await peer.read(through: "ping"))
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send("GET ws://a.test/ HTTP/1.1\r\nHost: a.test\r\n\(asked)\r\n")
                    let head = try await client.readHead()
                    #expect(head.hasPrefix("HTTP/1.1 101 "))
                    try await client.send("ping")
                    let reply = try await client.readToEnd()
                    #expect(reply == "ping")
                }
            }
        }
    }

    @Test func `a reset of the origin in a websocket reaches the client as a reset`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(agreed)
            _ = try await peer.read(through: "go")
            try await peer.reset()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(request(server.port))
                    _ = try await client.readHead()
                    try await client.send("go")
                    await #expect(throws: (any Error).self) { try await client.readToEnd() }
                }
                await rig.log.wait(for: "cause=rst")
            }
        }
    }
}

extension String {
    /// The port in the Host field of a head, as text.
    fileprivate var portOfHost: String {
        let line = split(separator: "\r\n").first { $0.hasPrefix("Host: ") } ?? ""
        return String(line.split(separator: ":").last ?? "")
    }
}
