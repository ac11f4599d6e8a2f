import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import TestSupport
import Testing

@testable import Services

private func get(_ port: Int, _ path: String = "/", method: String = "GET", fields: String = "") -> String {
    "\(method) http://127.0.0.1:\(port)\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n"
}

private let direct = BridgeSettings(upstream: .direct)
private let last = "Connection: close\r\n"

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgePlainLimitTests {
    /// Answers on its event loop, which no other test delays: head and half a body at once, the rest after a pause.
    private final class PausingOrigin: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let pause: TimeAmount?

        init(_ pause: TimeAmount?) { self.pause = pause }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let channel = context.channel
            let begin = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
            channel.writeAndFlush(begin, promise: nil)
            guard let pause else { return }
            channel.eventLoop.scheduleTask(in: pause) {
                channel.writeAndFlush(ByteBuffer(string: "def"), promise: nil)
            }
        }
    }

    private func withOrigin(pausing pause: TimeAmount?, _ body: (Int) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PausingOrigin(pause))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(server.localAddress?.port ?? 0) } catch { Issue.record(error) }
        try await server.close().get()
    }

    @Test func `requests that came before their client finished are all answered`() async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                let head = try await peer.readHead()
                let path = head.split(separator: " ")[1]
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let answer = try await rig.client { client in
                    try await client.send(["/1", "/2", "/3"].map { get(server.port, $0) }.joined())
                    client.finish()
                    return try await client.readToEnd()
                }
                #expect(answer.hasSuffix("/3"))
                #expect(answer.contains("\r\n\r\n/1HTTP") && answer.contains("\r\n\r\n/2HTTP"))
            }
        }
    }

    @Test(arguments: ["", "Content-Length: 0\r\n"])
    func `a request without body is repeated when its kept connection dies, whatever its method`(
        _ fields: String
    ) async throws {
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            // The second request of the first connection is read and not answered.
            if number == 1 { _ = try await peer.readHead() } else { await peer.waitForEnd() }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    for number in 1...2 {
                        try await client.send(get(server.port, method: "POST", fields: fields))
                        _ = try await client.readHead()
                        let body = try await client.read(bytes: 1)
                        #expect(body == "\(number)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "HEAD http://a.test:81/ HTTP/1.1\r\nHost: a b\r\n\r\n", "HEAD http://a.test:81/ HTTP/3.0\r\nHost: a\r\n\r\n",
        "HEAD http://a.test:81/ HTTP/1.1\r\nX : y\r\n\r\n",
    ])
    func `a refused HEAD gets no body and its record names the target`(_ request: String) async throws {
        try await ProxyBridgeRig.run(direct) { rig in
            let answer = try await rig.exchange(request)
            #expect(answer.hasSuffix("\r\n\r\n"))
            await rig.log.wait(for: "method=HEAD")
            let log = rig.log.lines.joined()
            #expect(log.contains("target=a.test:81 ") && log.contains("generation=1 "))
        }
    }

    @Test func `a header that comes byte by byte gets no more time`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            for byte in "HTTP/1.1 200 OK\r\nX: " { try await peer.send("\(byte)") }
            while true { try await peer.send("x") }
        } _: { server in
            var settings = direct
            settings.timeouts.responseHead = .milliseconds(20)
            try await ProxyBridgeRig.run(settings) { rig in
                let answer = try await rig.exchange(get(server.port))
                #expect(answer.hasPrefix("HTTP/1.1 50"))
            }
        }
    }

    @Test func `a response that never comes is given up`() async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            var settings = direct
            settings.timeouts.responseHead = .milliseconds(50)
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(get(server.port))
                #expect(reply.contains("error=http_response_timeout"))
            }
        }
    }

    @Test(arguments: [Duration.seconds(2), .zero])
    func `a pause within a body is bounded by idle and not by the time of the head`(_ head: Duration) async throws {
        try await withOrigin(pausing: .milliseconds(2400)) { port in
            var settings = direct
            settings.timeouts.responseHead = head
            settings.timeouts.idle = .seconds(30)
            try await ProxyBridgeRig.run(settings) { rig in
                let answer = try await rig.exchange(get(port, fields: last))
                #expect(answer.hasSuffix("\r\n\r\nabcdef"))
            }
        }
    }

    @Test(arguments: [Duration.seconds(30), .zero])
    func `a body that stops for longer than idle is cut`(_ head: Duration) async throws {
        try await withOrigin(pausing: nil) { port in
            var settings = direct
            settings.timeouts.responseHead = head
            // Without a limit of its own, the head has this one too: long enough for a busy machine.
            settings.timeouts.idle = .seconds(2)
            try await ProxyBridgeRig.run(settings) { rig in
                await #expect(throws: (any Error).self) { try await rig.exchange(get(port)) }
                await rig.log.wait(for: "cause=idle")
            }
        }
    }

    @Test(arguments: ["GET http://a.test/", "CONNECT a.test:443"])
    func `a client beyond the limit is told so, and served when there is a place`(_ line: String) async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                let head = try await peer.readHead()
                let isTunnel = head.hasPrefix("CONNECT")
                try await peer.send(
                    isTunnel ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                )
            }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port), limit: 1, refusals: 2) { rig in
                let request = "\(line) HTTP/1.1\r\nHost: a.test\r\n\r\n"
                try await rig.client { client in
                    try await client.send(request)
                    _ = try await client.readHead()
                    for _ in 1...3 {
                        let reply = try await rig.exchange(request)
                        #expect(reply.hasPrefix("HTTP/1.1 503 ") && reply.contains("Retry-After: "))
                        #expect(reply.contains("error=connection_limit_reached"))
                    }
                }
                while rig.connections.count > 0 { try await Turn.next() }
                let reply = try await rig.client { client in
                    try await client.send(request)
                    return try await client.readHead()
                }
                #expect(reply.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
    func `a client that has finished and may have left keeps its place for a while only`(_ begun: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(begun)
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port) { $0.halfClose = .milliseconds(50) }) { rig in
                try await rig.client { client in
                    try await client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n")
                    if !begun.isEmpty { _ = try await client.read(through: "half") }
                    client.finish()
                    if begun.isEmpty {
                        #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 504 "))
                    } else {
                        await #expect(throws: (any Error).self) { try await client.readToEnd() }
                        await rig.log.wait(for: "cause=half_close")
                    }
                }
            }
        }
    }

    @Test func `clients that are to be refused are few at a time`() async throws {
        try await ProxyBridgeRig.run(.through(1), limit: 0, refusals: 1) { rig in
            try await rig.client { slow in
                try await slow.send("GET http://a.test/ ")
                while rig.connections.count == 0 { try await Turn.next() }
                // This one waits in the kernel's queue until the first one has its answer.
                async let second = rig.exchange("GET http://b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n")
                try await slow.send("HTTP/1.1\r\nHost: a.test\r\n\r\n")
                let first = try await slow.readToEnd()
                #expect(first.hasPrefix("HTTP/1.1 503 "))
                slow.finish()
                let reply = try await second
                #expect(reply.hasPrefix("HTTP/1.1 503 "))
            }
        }
    }

    @Test func `a silent client keeps no place among those that are refused`() async throws {
        let settings = BridgeSettings.through(1) { $0.firstByte = .milliseconds(50) }
        try await ProxyBridgeRig.run(settings, limit: 0, refusals: 1) { rig in
            let nothing = try await rig.client { try await $0.readToEnd() }
            #expect(nothing == "")
        }
    }

    @Test func `an upload that its client stalls is the client's failure`() async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            var settings = direct
            settings.timeouts.idle = .milliseconds(50)
            try await ProxyBridgeRig.run(settings) { rig in
                let upload = get(server.port, method: "POST", fields: "Content-Length: 10\r\n") + "some"
                let answer = try await rig.exchange(upload)
                #expect(answer.hasPrefix("HTTP/1.1 408 "))
            }
        }
    }
}
