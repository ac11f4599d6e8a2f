import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
private let established = "HTTP/1.1 200 Connection established\r\n\r\n"
private let get = "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"

/// The ends of streams: an end, a cut, and what is not written yet, through TLS as without it.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeTLSEndTests {
    /// Larger than all buffers together.
    private static let long = String(repeating: "0123456789abcdef", count: 1 << 19)

    /// Opens a tunnel to `script`, which starts after the reply to CONNECT, for the time of `body`.
    private func tunnel(
        _ script: @escaping @Sendable (ProxyBridgePeer) async throws -> Void,
        _ body: @escaping (ProxyBridgePeer, ProxyBridgeRig) async throws -> Void
    ) async throws {
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            try await script(peer)
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                try await rig.client { client in
                    try await client.send(connect)
                    let reply = try await client.readHead()
                    #expect(reply == established)
                    try await body(client, rig)
                }
            }
        }
    }

    @Test func `the client may finish first`() async throws {
        try await tunnel { peer in
            let question = try await peer.readToEnd()
            try await peer.send("answer to \(question)")
        } _: { client, rig in
            try await client.send("question")
            client.finish()
            let answer = try await client.readToEnd()
            #expect(answer == "answer to question")
            await rig.log.wait(for: "cause=client_fin")
        }
    }

    @Test func `the upstream may finish first`() async throws {
        let heard = Gate()
        try await tunnel { peer in
            try await peer.send("question")
            peer.finish()
            let answer = try await peer.readToEnd()
            #expect(answer == "answer")
            heard.open()
        } _: { client, rig in
            let question = try await client.readToEnd()
            #expect(question == "question")
            try await client.send("answer")
            client.finish()
            await heard.pass()
            await rig.log.wait(for: "cause=upstream_fin")
        }
    }

    @Test func `an end without the farewell of TLS is a cut`() async throws {
        try await tunnel { peer in
            try await peer.send("half of ")
            _ = try await peer.read(through: "go\n")
            try await peer.cut()
            await peer.waitForEnd()
        } _: { client, rig in
            let half = try await client.read(through: "of ")
            #expect(half == "half of ")
            try await client.send("go\n")
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await rig.log.wait(for: "cause=rst")
        }
    }

    @Test func `a client that reads slowly gets everything that came before the cut`() async throws {
        // More than the bridge holds, less than the kernel does.
        let long = String(Self.long.prefix(600_000))
        let written = Gate()
        try await tunnel { peer in
            try await peer.send(long)
            try await peer.cut()
            written.open()
            await peer.waitForEnd()
        } _: { client, rig in
            await written.pass()
            let all = try await client.read(bytes: long.utf8.count)
            #expect(all == long)
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await rig.log.wait(for: "cause=rst")
        }
    }

    @Test func `a cut after the client has finished is a cut all the same`() async throws {
        try await tunnel { peer in
            _ = try await peer.readToEnd()
            try await peer.send("half of ")
            try await peer.cut()
        } _: { client, rig in
            client.finish()
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await rig.log.wait(for: "cause=rst")
        }
    }

    @Test func `a client's reset is no end for the upstream`() async throws {
        let cut = Gate()
        try await tunnel { peer in
            _ = try await peer.read(through: "x")
            do { _ = try await peer.readToEnd() } catch { cut.open() }
        } _: { client, rig in
            try await client.send("x")
            try await client.reset()
            await cut.pass()
            await rig.log.wait(for: "cause=rst")
        }
    }

    @Test func `everything arrives before the end of the upstream`() async throws {
        let long = Self.long
        try await tunnel { peer in
            try await peer.send(long)
            peer.finish()
            await peer.waitForEnd()
        } _: { client, _ in
            let received = try await client.readToEnd()
            #expect(received == long)
            client.finish()
        }
    }

    @Test func `everything arrives before the end of the client`() async throws {
        let long = Self.long
        try await tunnel { peer in
            let received = try await peer.readToEnd()
            try await peer.send(received == long ? "all" : "\(received.utf8.count) bytes")
        } _: { client, _ in
            try await client.send(long)
            client.finish()
            let verdict = try await client.readToEnd()
            #expect(verdict == "all")
        }
    }

    @Test(arguments: [true, false])
    func `a response that ends with its connection is complete only with the farewell`(isCut: Bool) async throws {
        try await ScriptedServer.run(over: TLSRig.server()) { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.0 200 OK\r\n\r\nall of it")
            if isCut { try await peer.cut() } else { peer.finish() }
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(TLSRig.bridge(server.port)) { rig in
                if isCut {
                    await #expect(throws: (any Error).self) { try await rig.exchange(get) }
                    await rig.log.wait(for: "cause=upstream_truncated")
                } else {
                    let reply = try await rig.client { client in
                        try await client.send(get)
                        return try await client.read(through: "0\r\n\r\n")
                    }
                    #expect(reply.contains("9\r\nall of it\r\n0\r\n"))
                }
            }
        }
    }

    @Test func `a tunnel through TLS ends at the drain limit`() async throws {
        try await tunnel { peer in
            await peer.waitForEnd()
        } _: { client, rig in
            rig.connections.force()
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await rig.log.wait(for: "cause=stop")
        }
    }
}
