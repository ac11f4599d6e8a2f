import Glibc
import NIOCore
import NIOEmbedded
import NIOPosix
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private let direct = BridgeSettings(upstream: .direct)

private func get(_ port: Int, _ path: String = "/", method: String = "GET", fields: String = "") -> String {
    "\(method) http://127.0.0.1:\(port)\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n"
}

private let last = "Connection: close\r\n"

/// The kernel's choice of a loop decides which pool a client meets: one loop makes it certain.
private let oneLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeLinkPoolTests {
    /// Answers every request with the number of its connection.
    @Sendable private static func numbering(_ peer: ProxyBridgePeer, _ number: Int) async throws {
        while true {
            _ = try await peer.readHead()
            let text = "\(number)"
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
    }

    @Test func `the connection of one client serves the next client`() async throws {
        try await ScriptedServer.run(Self.numbering) { server in
            try await ProxyBridgeRig.run(direct, group: oneLoop) { rig in
                for _ in 1...3 {
                    let answer = try await rig.exchange(get(server.port, fields: last))
                    #expect(answer.hasSuffix("\r\n\r\n1"))
                }
                #expect(server.connections == 1)
                // What rests holds no slot.
                while rig.connections.count > 0 { try await Turn.next() }
            }
        }
    }

    @Test func `another upstream, origin or bridge has connections of its own`() async throws {
        try await ScriptedServer.run(Self.numbering) { server in
            try await ProxyBridgeRig.run(.through(server.port), group: oneLoop) { rig in
                _ = try await rig.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\(last)\r\n")
                _ = try await rig.exchange("GET http://b.test/ HTTP/1.1\r\nHost: a\r\n\(last)\r\n")
                #expect(server.connections == 1)
                try await ProxyBridgeRig.run(.through(server.port), group: oneLoop) { other in
                    _ = try await other.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\(last)\r\n")
                    #expect(server.connections == 2)
                }
                rig.routes.publish(RouteSnapshot(direct, generation: 2))
                _ = try await rig.exchange(get(server.port, fields: last))
                #expect(server.connections == 3)
            }
        }
    }

    @Test(arguments: ["HTTP/1.1 408 Idle\r\n\r\n", ""])
    func `a connection on which something came while it rested is not used`(_ words: String) async throws {
        let rested = Gate()
        let told = Gate()
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            guard number == 1 else { return await peer.waitForEnd() }
            await rested.pass()
            if words.isEmpty { await peer.endOutput() } else { try await peer.send(words) }
            await peer.delivered()
            told.open()
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct, group: oneLoop) { rig in
                let first = try await rig.exchange(get(server.port, method: "POST", fields: last))
                #expect(first.hasSuffix("1"))
                rested.open()
                await told.pass()
                // Not even a request that could not be repeated fails.
                let upload = get(server.port, method: "POST", fields: "Content-Length: 1\r\n" + last) + "x"
                let second = try await rig.exchange(upload)
                #expect(second.hasSuffix("\r\n\r\n2"))
            }
        }
    }

    @Test(arguments: ["POST", "PUT"])
    func `a request whose body has been sent is not repeated`(_ method: String) async throws {
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            // The second request of the first connection is read and not answered.
            _ = try await peer.read(through: "x")
        } _: { server in
            try await ProxyBridgeRig.run(direct, group: oneLoop) { rig in
                _ = try await rig.exchange(get(server.port, fields: last))
                let upload = get(server.port, method: method, fields: "Content-Length: 1\r\n" + last) + "x"
                let answer = try await rig.exchange(upload)
                #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("error=connection_terminated"))
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `an upstream that closed before it got the head is told apart`() throws {
        final class Broken: ChannelOutboundHandler {
            typealias OutboundIn = ByteBuffer
            func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
                promise?.fail(IOError(errnoCode: EPIPE, reason: "write"))
            }
        }
        let channel = EmbeddedChannel(handler: Broken())
        let link = UpstreamLink(channel)
        link.sendHead(ByteBuffer(string: "GET"))
        #expect(link.failure == .unsent)
        #expect(BridgeFailure.unsent.status == 502 && BridgeFailure.unsent.word == "connection_terminated")
        _ = try channel.finish()
    }

    @Test func `a reload closes what rests of the old route`() async throws {
        let ended = Gate()
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
            ended.open()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port, password: "old"), group: oneLoop) { rig in
                _ = try await rig.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\(last)\r\n")
                rig.routes.publish(RouteSnapshot(.through(server.port, password: "new"), generation: 2))
                await ended.pass()
            }
        }
    }

    @Test func `what is in use during a reload does not rest after it`() async throws {
        let asked = Gate()
        let reloaded = Gate()
        let ended = Gate()
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            asked.open()
            await reloaded.pass()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
            ended.open()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port), group: oneLoop) { rig in
                try await rig.client { client in
                    try await client.send("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\r\n")
                    await asked.pass()
                    rig.routes.publish(RouteSnapshot(.through(server.port), generation: 2))
                    reloaded.open()
                    _ = try await client.readHead()
                    await ended.pass()
                }
            }
        }
    }

    @Test func `a connection rests for its time and no longer`() async throws {
        let ended = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
            ended.open()
        } _: { server in
            try await ProxyBridgeRig.run(direct, linkIdle: .milliseconds(20), group: oneLoop) { rig in
                _ = try await rig.exchange(get(server.port, fields: last))
                await ended.pass()
            }
        }
    }

    @Test func `no more connections rest than the limit`() async throws {
        let count = LinkPool.limit + 3
        let arrived = Counter()
        let ended = Counter()
        let all = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            if arrived.next() == count - 1 { all.open() }
            await all.pass()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
            _ = ended.next()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await withThrowingTaskGroup { group in
                    for _ in 1...count {
                        group.addTask { _ = try await rig.exchange(get(server.port, fields: last)) }
                    }
                    try await group.waitForAll()
                }
                while ended.value < count - LinkPool.limit { try await Turn.next() }
                #expect(ended.value == count - LinkPool.limit)
            }
        }
        #expect(ended.value == count)
    }

    @Test(arguments: [false, true])
    func `a service that stops ends only when what rests has closed`(byForce: Bool) async throws {
        try await ScriptedServer.run(Self.numbering) { server in
            try await ProxyBridgeRig.run(direct, group: oneLoop) { rig in
                _ = try await rig.exchange(get(server.port, fields: last))
                while rig.connections.count > 0 { try await Turn.next() }
                if byForce { rig.connections.force() } else { rig.connections.drain() }
                let forced = await rig.connections.empty()
                #expect(forced.isEmpty, "what rests is nobody's loss")
            }
        }
    }
}
