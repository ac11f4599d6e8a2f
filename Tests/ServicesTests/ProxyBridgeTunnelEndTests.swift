import Glibc
import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
private let success = "HTTP/1.1 200 OK\r\n\r\n"

/// How tunnels end, and what their records say of it.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeTunnelEndTests {
    /// Opens a tunnel to a silent upstream and runs `body` in it; `ended` is opened when the upstream's side ends.
    private func tunnel(
        _ change: (inout BridgeTimeouts) -> Void = { _ in },
        ended: Gate = Gate(),
        cut: Gate = Gate(),
        body: (ProxyBridgeRig, ProxyBridgePeer) async throws -> Void
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(success)
            do { _ = try await peer.readToEnd() } catch { cut.open() }
            ended.open()
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port, change)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    _ = try await client.readHead()
                    try await body(rig, client)
                }
            }
        }
    }

    @Test func `a silent tunnel is closed on both sides when it is idle for too long`() async throws {
        let ended = Gate()
        try await tunnel(
            { $0.idle = .milliseconds(50) },
            ended: ended,
            body: { rig, client in
                let rest = try await client.readToEnd()
                #expect(rest == "")
                await ended.pass()
                await rig.log.wait(for: "cause=idle")
            }
        )
    }

    @Test func `a half-closed tunnel is closed when the other side says nothing`() async throws {
        let over = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(success)
            _ = try await peer.readToEnd()
            // Its own end is not sent in time.
            await over.pass()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port) { $0.halfClose = .milliseconds(50) }) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    _ = try await client.readHead()
                    client.finish()
                    await client.waitForEnd()
                    await rig.log.wait(for: "cause=half_close")
                    over.open()
                }
            }
        }
    }

    @Test func `a tunnel whose reader takes nothing is cut`() async throws {
        let ended = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(success)
            await ended.pass()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port) { $0.writeStall = .milliseconds(200) }) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    _ = try await client.readHead()
                    let much = String(repeating: "x", count: 1 << 20)
                    await #expect(throws: (any Error).self) { while true { try await client.send(much) } }
                    await rig.log.wait(for: "cause=write_stall")
                    ended.open()
                }
            }
        }
    }

    @Test func `a stop that cuts a tunnel leaves its balance in the log before the service can end`() async throws {
        let cut = Gate()
        try await tunnel(cut: cut) { rig, client in
            try await client.send("some")
            while !(rig.connections.connections.first.map { $0.received >= UInt64(connect.utf8.count + 4) } ?? false) {
                await Task.yield()
            }
            rig.connections.force()
            _ = await rig.connections.empty()
            let record = try #require(rig.log.lines.last { $0.contains("method=CONNECT") })
            #expect(record.contains("cause=stop") && record.contains("up=4 ") && record.contains("status=200"))
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await cut.pass()
        }
    }

    @Test func `a client's reset is passed on as a reset`() async throws {
        let cut = Gate()
        try await tunnel(cut: cut) { rig, client in
            try await client.reset()
            await cut.pass()
            await rig.log.wait(for: "cause=rst")
        }
    }

    @Test(arguments: ["", "banner"])
    func `an upstream's reset is never an end`(_ banner: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(success + banner)
            try await peer.reset()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    await #expect(throws: (any Error).self) {
                        let reply = try await client.readToEnd()
                        // The reset may have come before the reply was read: then it is told.
                        if reply.hasPrefix("HTTP/1.1 502 ") { throw ChannelError.eof }
                    }
                }
            }
        }
    }

    @Test func `a client that cuts its CONNECT cuts what was asked of the upstream`() async throws {
        let asked = Gate()
        let cut = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            asked.open()
            do { _ = try await peer.readToEnd() } catch { cut.open() }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    await asked.pass()
                    try await client.reset()
                    await cut.pass()
                    await rig.log.wait(for: "cause=client_aborted")
                }
            }
        }
    }

    @Test func `an idle client connection is closed after its time`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port) { $0.keepAlive = .milliseconds(50) }) { rig in
                let reply = try await rig.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(reply == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    @Test(arguments: [(Duration.milliseconds(100), Duration.seconds(600)), (.seconds(600), .milliseconds(100))])
    func `an upstream that does not accept is given up`(dial: Duration, all: Duration) async throws {
        let full = try FullListener()
        defer { full.close() }
        let settings = BridgeSettings.through(full.port) {
            $0.connect = dial
            $0.establishment = all
        }
        try await ProxyBridgeRig.run(settings) { rig in
            let reply = try await rig.exchange(connect)
            #expect(reply.hasPrefix("HTTP/1.1 504 ") && reply.contains("error=connection_timeout"))
        }
    }
}
