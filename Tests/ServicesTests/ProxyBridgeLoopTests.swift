import Addresses
import NIOCore
import NIOEmbedded
import ServiceConfiguration
import Sockets
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeLoopTests {
    private static let tunnel = "CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let plain = "GET http://a.test/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    private static func snapshot(to port: Int, generation: UInt64) -> RouteSnapshot {
        RouteSnapshot(.through(port), generation: generation)
    }

    @Test(arguments: [tunnel, plain])
    func `a circle of bridges that no configuration shows ends where it closes`(_ request: String) async throws {
        let trails = Trails()
        try await ProxyBridgeRig.run(.through(1), name: "first", trails: trails) { first in
            try await ProxyBridgeRig.run(.through(first.port), name: "second", trails: trails) { second in
                try await ProxyBridgeRig.run(.through(second.port), name: "third", trails: trails) { third in
                    first.routes.publish(Self.snapshot(to: third.port, generation: 2))
                    for rig in [first, second, third, first] {
                        let answer = try await rig.exchange(request)
                        #expect(answer.hasPrefix("HTTP/1.1 508 Loop Detected\r\n"), "\(answer)")
                        #expect(answer.contains("error=proxy_loop_detected"), "\(answer)")
                    }
                    for rig in [first, second, third] { #expect(rig.connections.totals.connections < 9) }
                }
            }
        }
        #expect(trails.count == 0)
    }

    @Test func `a chain of bridges is no circle`() async throws {
        let trails = Trails()
        try await ScriptedServer.run { peer, _ in
            while case let head = try await peer.readHead(), !head.isEmpty {
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port), name: "last", trails: trails) { last in
                try await ProxyBridgeRig.run(.through(last.port), name: "first", trails: trails) { first in
                    for request in [Self.tunnel, Self.plain] {
                        try await first.client { client in
                            try await client.send(request)
                            #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
                        }
                    }
                }
            }
        }
        #expect(trails.count == 0)
    }

    @Test func `who happens to have the same port at another listener is a stranger`() throws {
        func channel(from source: Int, to destination: Int) throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            channel.localAddress = try SocketAddress(ipAddress: "127.0.0.1", port: source)
            channel.remoteAddress = try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: destination)
            return channel
        }
        let trails = Trails()
        let dialled = try channel(from: 5, to: 80)
        trails.record(["a", "b"], of: dialled)
        #expect(try trails.bridges(before: channel(from: 80, to: 5)) == ["a", "b"])
        #expect(try trails.bridges(before: channel(from: 81, to: 5)).isEmpty)
        _ = try dialled.finish(acceptAlreadyClosed: true)
        #expect(trails.count == 0)
    }

    @Test(arguments: [
        ("127.0.0.1", 80, "127.0.0.1", true), ("127.0.0.1", 81, "127.0.0.1", false), ("127.0.0.1", 80, "0.0.0.0", true),
        ("127.0.0.1", 80, "127.0.0.2", false), ("0.0.0.0", 80, "127.9.9.9", true), ("0.0.0.0", 80, "192.0.2.1", true),
        ("0.0.0.0", 80, "192.0.2.2", false), ("0.0.0.0", 80, "::1", false), ("::", 80, "::1", true),
        ("::", 80, "::", true), ("192.0.2.1", 80, "127.0.0.1", false), ("192.0.2.1", 80, "192.0.2.1", true),
    ])
    func `a bridge knows all that leads to its listeners`(
        _ listener: String,
        _ port: Int,
        _ host: String,
        _ isOwn: Bool
    ) throws {
        let other = ListenAddress.tcp(.v4(0x0a00_0001), port: 9)
        let own = OwnAddresses([other, .unix(path: "/a"), .tcp(try #require(IPAddress(listener)), port: 80)])
        let here = IPAddress("192.0.2.1")
        #expect(try own.contain(#require(IPAddress(host)), port, knowing: here) == isOwn)
    }
}
