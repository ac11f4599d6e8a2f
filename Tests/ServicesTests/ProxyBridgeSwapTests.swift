import NIOCore
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeSwapTests {
    private static func settings(_ port: Int, _ style: BridgeSettings.OnSwap, within limit: Duration) -> BridgeSettings
    {
        var settings = BridgeSettings.through(port)
        settings.onSwap = style
        settings.timeouts.swap = limit
        return settings
    }

    /// A proxy that opens every tunnel and echoes lines, but for `mute`, which it never answers.
    private static func echo(_ peer: ProxyBridgePeer, _ number: Int) async throws {
        let head = try await peer.readHead()
        guard head.hasPrefix("CONNECT ") else {
            return try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
        while true {
            let line = try await peer.read(through: "\n")
            if line != "mute\n" { try await peer.send(line) }
        }
    }

    private static let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"

    private func open(_ client: ProxyBridgePeer, saying line: String) async throws {
        try await client.send(Self.connect)
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
        try await client.send(line)
        if line != "mute\n" { #expect(try await client.read(through: "\n") == line) }
    }

    @Test func `a quiet tunnel is closed first, and one in use is cut when the time is over`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            let settings = Self.settings(server.port, .drain, within: .milliseconds(2400))
            try await ProxyBridgeRig.run(settings) { rig in
                try await rig.client { quiet in
                    try await open(quiet, saying: "hello\n")
                    try await rig.client { busy in
                        try await open(busy, saying: "mute\n")
                        rig.swap(to: Self.settings(1, .drain, within: .milliseconds(2400)))
                        #expect(try await quiet.readToEnd() == "")
                        await rig.log.wait(for: "cause=drain")
                        #expect(!rig.log.lines.contains { $0.contains("cause=cut") })
                        await #expect(throws: (any Error).self) { try await busy.readToEnd() }
                        await rig.log.wait(for: "cause=cut")
                    }
                }
            }
        }
    }

    @Test func `every tunnel of the old upstream is cut at once`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.settings(server.port, .cut, within: .seconds(3600))) { rig in
                try await rig.client { client in
                    try await open(client, saying: "hello\n")
                    rig.swap(to: Self.settings(1, .cut, within: .seconds(3600)))
                    await #expect(throws: (any Error).self) { try await client.readToEnd() }
                    await rig.log.wait(for: "cause=cut")
                }
            }
        }
    }

    @Test(arguments: BridgeSettings.OnSwap.allCases)
    func `what is no other way leaves every tunnel alone`(style: BridgeSettings.OnSwap) async throws {
        try await ScriptedServer.run(Self.echo) { server in
            let limit = Duration.milliseconds(6)
            try await ProxyBridgeRig.run(Self.settings(server.port, style, within: limit)) { rig in
                try await rig.client { client in
                    try await open(client, saying: "hello\n")
                    rig.swap(to: Self.settings(1, style == .keep ? .keep : .drain, within: .seconds(3600)))
                    // Back before anything was done: no way but the present one.
                    rig.swap(to: Self.settings(server.port, style, within: limit))
                    try await client.send("still here\n")
                    #expect(try await client.read(through: "\n") == "still here\n")
                }
            }
        }
    }

    @Test func `a tunnel goes on as long as it wants`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.settings(server.port, .keep, within: .milliseconds(6))) { rig in
                try await rig.client { client in
                    try await open(client, saying: "hello\n")
                    rig.swap(to: Self.settings(1, .keep, within: .milliseconds(6)))
                    for number in 0..<20 {
                        try await client.send("\(number)\n")
                        #expect(try await client.read(through: "\n") == "\(number)\n")
                    }
                }
            }
        }
    }

    @Test(
        arguments: BridgeSettings.OnSwap.allCases,
        [Self.connect, "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"]
    )
    func `what is still being opened takes the new way`(style: BridgeSettings.OnSwap, request: String) async throws {
        // A listener that nobody accepts from, its queue full, would do as well: a dialogue that never ends is simpler.
        try await ScriptedServer.run(Self.echo) { new in
            let (asked, ask) = AsyncStream.makeStream(of: Void.self)
            try await ScriptedServer.run { peer, _ in
                // Only what has been read has been sent: an accepted connection may still be a dial for the bridge.
                _ = try await peer.readHead()
                ask.yield()
                await peer.waitForEnd()
            } _: { old in
                try await ProxyBridgeRig.run(Self.settings(old.port, style, within: .seconds(3600))) { rig in
                    try await rig.client { client in
                        try await client.send(request)
                        if request == Self.connect {
                            for await _ in asked { break }
                            rig.swap(to: Self.settings(new.port, style, within: .seconds(3600)))
                            #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
                            client.finish()
                            await rig.log.wait(for: "generation=2")
                        } else {
                            // Sent already: the request stays where it is, and only a cut ends it.
                            for await _ in asked { break }
                            rig.swap(to: Self.settings(new.port, style, within: .seconds(3600)))
                            if style == .cut {
                                await #expect(throws: (any Error).self) { try await client.readToEnd() }
                            } else {
                                try await client.reset()
                            }
                            await rig.log.wait(for: "generation=1")
                        }
                    }
                }
            }
        }
    }

    @Test func `whoever decides to keep what is being drained is not too late`() async throws {
        let (heard, hear) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            _ = try await peer.read(through: "\n")
            hear.yield()
            try await peer.send(try await peer.read(through: "\n"))
        } _: { server in
            let limit = Duration.milliseconds(1200)
            let settings = Self.settings(server.port, .drain, within: limit)
            try await ProxyBridgeRig.run(settings) { rig in
                try await ProxyBridgeRig.run(settings) { other in
                    try await rig.client { kept in
                        try await other.client { cut in
                            for client in [kept, cut] {
                                try await open(client, saying: "mute\n")
                                // The last word is the client's from here on, so nobody takes the tunnel for quiet.
                                for await _ in heard { break }
                            }
                            rig.swap(to: Self.settings(1, .drain, within: limit))
                            rig.swap(to: Self.settings(1, .keep, within: limit))
                            // Its time begins later: when it is over, the first one would be, too.
                            other.swap(to: Self.settings(1, .drain, within: limit))
                            await #expect(throws: (any Error).self) { try await cut.readToEnd() }
                            await other.log.wait(for: "cause=cut")
                            try await kept.send("still here\n")
                            #expect(try await kept.read(through: "\n") == "still here\n")
                        }
                    }
                }
            }
        }
    }

    @Test func `whoever decides to cut what is being kept need not wait for another upstream`() async throws {
        try await ScriptedServer.run(Self.echo) { server in
            try await ProxyBridgeRig.run(Self.settings(server.port, .keep, within: .seconds(3600))) { rig in
                try await rig.client { client in
                    try await open(client, saying: "hello\n")
                    rig.swap(to: Self.settings(1, .keep, within: .seconds(3600)))
                    rig.swap(to: Self.settings(1, .cut, within: .seconds(3600)))
                    await #expect(throws: (any Error).self) { try await client.readToEnd() }
                    await rig.log.wait(for: "cause=cut")
                }
            }
        }
    }

    @Test(arguments: BridgeSettings.OnSwap.allCases)
    func `a plain request that is still being dialled takes the new way`(style: BridgeSettings.OnSwap) async throws {
        let full = try FullListener()
        defer { full.close() }
        try await ScriptedServer.run(Self.echo) { new in
            try await ProxyBridgeRig.run(Self.settings(full.port, style, within: .seconds(3600))) { rig in
                try await rig.client { client in
                    let head = "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbo"
                    try await client.send(head)
                    try await rig.sessions.untilDialling()
                    rig.swap(to: Self.settings(new.port, style, within: .seconds(3600)))
                    try await client.send("dy")
                    #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
                    await rig.log.wait(for: "generation=2")
                    #expect(!rig.log.lines.contains { $0.contains("generation=1") })
                }
            }
        }
    }

    @Test func `a tunnel that one side has finished gets its answer`() async throws {
        let (swapped, swap) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            _ = try await peer.readToEnd()
            for await _ in swapped { break }
            try await peer.send("the answer")
            peer.finish()
        } _: { server in
            try await ProxyBridgeRig.run(Self.settings(server.port, .drain, within: .seconds(30))) { rig in
                try await rig.client { client in
                    try await client.send(Self.connect)
                    _ = try await client.readHead()
                    try await client.send("question")
                    client.finish()
                    rig.swap(to: Self.settings(1, .drain, within: .seconds(30)))
                    swap.yield()
                    #expect(try await client.readToEnd() == "the answer")
                }
            }
        }
    }

    @Test func `a response under way is complete after a swap`() async throws {
        let (swapped, swap) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
            for await _ in swapped { break }
            try await peer.send("def")
        } _: { server in
            try await ProxyBridgeRig.run(Self.settings(server.port, .drain, within: .seconds(30))) { rig in
                try await rig.client { client in
                    try await client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n")
                    _ = try await client.readHead()
                    rig.swap(to: Self.settings(1, .drain, within: .seconds(30)))
                    swap.yield()
                    #expect(try await client.read(bytes: 6) == "abcdef")
                }
            }
        }
    }

    @Test func `a name, a place in a list and a limit are no other way`() {
        let upstream = UpstreamProxy(id: "pool[0]", host: "a.test", port: 1, credential: nil)
        var moved = upstream
        moved.id = "pool[1]"
        var limited = BridgeSettings(upstream: .proxy(moved))
        limited.timeouts.connect = .seconds(1)
        let old = RouteSnapshot(BridgeSettings(upstream: .proxy(upstream)), generation: 1)
        let routes = BridgeRoutes(old)
        #expect(!routes.publish(RouteSnapshot(limited, generation: 2)))
        var other = moved
        other.credential = Credential(username: Secret("u"), password: Secret("p"))
        #expect(routes.publish(RouteSnapshot(BridgeSettings(upstream: .proxy(other)), generation: 3)))
    }
}

extension ProxyBridgeRig {
    /// Makes `settings` those of the bridge, as a reload does.
    fileprivate func swap(to settings: BridgeSettings) {
        let snapshot = RouteSnapshot(settings, generation: routes.current.generation + 1)
        if routes.publish(snapshot) { connections.tell(RouteSwap(to: snapshot)) }
    }
}
