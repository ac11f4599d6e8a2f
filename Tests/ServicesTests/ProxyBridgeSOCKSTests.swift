import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

/// Clients that speak SOCKS5 to the port of a bridge.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeSOCKSTests {
    private static let direct = BridgeSettings(upstream: .direct)
    private static let greeting: [UInt8] = [5, 1, 0]
    private static let success: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    private static func request(_ host: String, _ port: Int) -> [UInt8] {
        [5, 1, 0, 3, UInt8(host.utf8.count)] + Array(host.utf8) + [UInt8(port >> 8), UInt8(port & 0xff)]
    }

    private static func loopback(_ port: Int) -> [UInt8] {
        [5, 1, 0, 1, 127, 0, 0, 1, UInt8(port >> 8), UInt8(port & 0xff)]
    }

    private static func line(_ peer: ProxyBridgePeer, _ number: Int) async throws {
        try await peer.send("banner\n")
        try await peer.send("got " + (try await peer.readToEnd()))
    }

    @Test func `a SOCKS client gets a direct tunnel with its early bytes, and half-close is kept`() async throws {
        try await ScriptedServer.run(Self.line) { server in
            try await ProxyBridgeRig.run(Self.direct) { rig in
                try await rig.client { client in
                    try await client.send(bytes: Self.greeting + Self.loopback(server.port) + Array("early ".utf8))
                    let answer = try await client.readBytes(12)
                    #expect(answer == [5, 0] + Self.success)
                    let banner = try await client.read(through: "\n")
                    #expect(banner == "banner\n")
                    try await client.send("late")
                    client.finish()
                    let rest = try await client.readToEnd()
                    #expect(rest == "got early late")
                }
                await rig.log.wait(for: "method=SOCKS5")
                let record = rig.log.lines.first { $0.contains("method=SOCKS5") } ?? ""
                #expect(record.contains("target=127.0.0.1:\(server.port)") && record.contains("status=200"))
                #expect(record.contains("up=10 ") && record.contains("upstream=direct"))
            }
        }
    }

    @Test func `the upstream of a SOCKS client is asked as for a CONNECT`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            let early = peer.buffer.readableBytes
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n\(early)\n\(head)")
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    for byte in Self.greeting + Self.request("a.test", 443) { try await client.send(bytes: [byte]) }
                    try await client.send("early")
                    let answer = try await client.readBytes(12)
                    #expect(answer == [5, 0] + Self.success)
                    let head = try await client.readHead()
                    #expect(head.hasPrefix("0\nCONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"))
                    #expect(head.contains("\r\nProxy-Authorization: Basic YWxpY2U6czNjcmV0\r\n"))
                }
            }
        }
    }

    @Test(
        arguments: [
            ([5, 1, 0], [5, 0xff]), ([5, 1, 2, 1, 1, 0x62, 1, 0x78], [5, 2, 1, 1]),
            ([5, 2, 0, 2, 1, 3, 0x62, 0x6f, 0x62, 2, 0x70, 0x77], [5, 2, 1, 0]),
        ] as [([UInt8], [UInt8])]
    )
    func `a SOCKS client must authenticate as the listener says`(_ sent: [UInt8], _ answer: [UInt8]) async throws {
        let settings = Self.direct.with { $0.auth = Credential(username: Secret("bob"), password: Secret("pw")) }
        try await ProxyBridgeRig.run(settings) { rig in
            try await rig.client { client in
                try await client.send(bytes: sent)
                let said = try await client.readBytes(answer.count)
                #expect(said == answer)
                guard answer.last != 0 else { return }
                await client.waitForEnd()
            }
            if answer == [5, 2, 1, 1] {
                await rig.log.wait(for: "did not authenticate")
                await rig.log.wait(for: "error=client_authentication")
            }
        }
    }

    @Test(
        arguments: [
            ([5, 2, 0, 1, 127, 0, 0, 1, 0, 80], 7), ([5, 3, 0, 1, 127, 0, 0, 1, 0, 80], 7), ([5, 1, 0, 9], 8),
            ([5, 1, 0, 1, 127, 0, 0, 1, 0, 80], 2), ([5, 1, 0, 1, 192, 0, 2, 1, 0, 25], 2),
            ([5, 1, 0, 3, 9] + Array("localhost".utf8) + [0, 80], 2), ([5, 1, 0, 3, 1, 0x20, 0, 80], 1),
        ] as [([UInt8], UInt8)]
    )
    func `what a SOCKS client cannot have is refused with the reason`(_ request: [UInt8], _ reply: UInt8) async throws {
        try await ProxyBridgeRig.run(Self.direct, allowsLoopback: false) { rig in
            try await rig.client { client in
                try await client.send(bytes: Self.greeting + request)
                let answer = try await client.readBytes(12)
                #expect(answer == [5, 0, 5, reply, 0, 1, 0, 0, 0, 0, 0, 0])
                await client.waitForEnd()
            }
        }
    }

    @Test func `a SOCKS client learns that a port is closed, and that it asks for the bridge itself`() async throws {
        try await ProxyBridgeRig.run(Self.direct) { rig in
            for (port, reply) in [(1, 5), (rig.port, 2)] {
                try await rig.client { client in
                    try await client.send(bytes: Self.greeting + Self.loopback(port))
                    let answer = try await client.readBytes(12)
                    #expect(answer[3] == UInt8(reply))
                    await client.waitForEnd()
                }
            }
        }
    }

    @Test func `a SOCKS client that says too little is closed in time`() async throws {
        let settings = BridgeSettings.through(1) { $0.requestHead = .milliseconds(50) }
        try await ProxyBridgeRig.run(settings) { rig in
            try await rig.client { client in
                try await client.send(bytes: Self.greeting + [5, 1])
                let answer = try await client.readBytes(2)
                #expect(answer == [5, 0])
                let rest = try await client.readToEnd()
                #expect(rest == "")
            }
        }
    }

    @Test func `a SOCKS client that goes away takes its dial with it`() async throws {
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
                    try await client.send(bytes: Self.greeting + Self.request("a.test", 443))
                    await asked.pass()
                    client.finish()
                }
                await abandoned.pass()
                await rig.log.wait(for: "cause=client_aborted")
            }
        }
    }

    @Test func `a draining bridge refuses a SOCKS client that has begun`() async throws {
        try await ProxyBridgeRig.run(.through(1)) { rig in
            try await rig.client { client in
                try await client.send(bytes: Self.greeting)
                let method = try await client.readBytes(2)
                #expect(method == [5, 0])
                rig.connections.drain()
                try await client.send(bytes: Self.request("a.test", 443))
                let answer = try await client.readBytes(10)
                #expect(answer.prefix(2) == [5, 1])
                await client.waitForEnd()
            }
        }
    }

    @Test func `a client of version 4 is not answered, and the log tells what to use`() async throws {
        try await ProxyBridgeRig.run(.through(1)) { rig in
            let answer = try await rig.exchange("\u{4}\u{1}\0P")
            #expect(answer == "")
            await rig.log.wait(for: "SOCKS version 4")
        }
    }
}
