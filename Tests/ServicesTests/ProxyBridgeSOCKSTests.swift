import NIOCore
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

private let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
private let established = "HTTP/1.1 200 Connection established\r\n\r\n"

extension BridgeSettings {
    /// A bridge to a SOCKS proxy at `port`.
    fileprivate static func socks(
        _ port: Int,
        _ scheme: UpstreamScheme = .socks5h,
        password: String? = "s3cret",
        _ change: (inout UpstreamProxy) -> Void = { _ in }
    ) -> BridgeSettings {
        let credential = password.map { Credential(username: Secret("alice"), password: Secret($0)) }
        let port = UInt16(port)
        var upstream = UpstreamProxy(id: "sox", scheme: scheme, host: "127.0.0.1", port: port, credential: credential)
        change(&upstream)
        return BridgeSettings(upstream: .proxy(upstream))
    }
}

extension ProxyBridgePeer {
    private static let login: [UInt8] = [1, 5] + Array("alice".utf8) + [6] + Array("s3cret".utf8)

    /// Plays a SOCKS proxy up to the request.
    ///
    /// - Returns: The request's kind of address, address and port.
    fileprivate func acceptSOCKS() async throws -> [UInt8] {
        let greeting = try await readBytes(3)
        #expect(greeting == [5, 1, 2])
        try await send(bytes: [5, 2])
        let login = try await readBytes(Self.login.count)
        #expect(login == Self.login)
        try await send(bytes: [1, 0])
        let head = try await readBytes(4)
        #expect(head.prefix(3) == [5, 1, 0])
        switch head[3] {
        case 1: return [1] + (try await readBytes(6))
        case 4: return [4] + (try await readBytes(18))
        default:
            let count = try await readBytes(1)
            return [3] + count + (try await readBytes(Int(count[0]) + 2))
        }
    }

    fileprivate func openSOCKS(_ reply: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0], then text: String = "") async throws {
        try await send(bytes: reply + Array(text.utf8))
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeSOCKSTests {
    @Test func `a tunnel through SOCKS delivers the banner, and early bytes wait for it`() async throws {
        try await ScriptedServer.run { peer, _ in
            let request = try await peer.acceptSOCKS()
            #expect(request == [3, 6] + Array("a.test".utf8) + [1, 187])
            #expect(peer.buffer.readableBytes == 0)
            try await peer.openSOCKS([5, 0, 0, 3, 2, 97, 98, 0, 80], then: "banner\n")
            try await peer.send("got " + (try await peer.read(through: "\n")))
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port)) { rig in
                let reply = try await rig.exchange(connect + "early\n")
                #expect(reply == established + "banner\ngot early\n")
                await rig.log.wait(for: "upstream=sox")
            }
        }
    }

    @Test func `a plain request goes to the origin in origin-form, and its next one on the same connection`()
        async throws
    {
        try await ScriptedServer.run { peer, _ in
            let request = try await peer.acceptSOCKS()
            #expect(request == [3, 6] + Array("a.test".utf8) + [0, 80])
            try await peer.openSOCKS()
            while true {
                let head = try await peer.readHead()
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
            }
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port)) { rig in
                try await rig.client { client in
                    for _ in 1...2 {
                        try await client.send("GET http://a.test/x?y HTTP/1.1\r\nHost: a.test\r\n\r\n")
                        _ = try await client.readHead()
                        let body = try await client.readHead()
                        #expect(body == "GET /x?y HTTP/1.1\r\nHost: a.test\r\n\r\n")
                    }
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `socks5 resolves here and sends an address`() async throws {
        try await ScriptedServer.run { peer, _ in
            let request = try await peer.acceptSOCKS()
            #expect(
                request == [1, 127, 0, 0, 1, 0, 80] || request == [4] + Array(repeating: 0, count: 15) + [1, 0, 80]
            )
            try await peer.openSOCKS(then: "in\n")
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port, .socks5)) { rig in
                let reply = try await rig.exchange("CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(reply == established + "in\n")
            }
        }
    }

    @Test func `a name that socks5 cannot resolve never reaches the proxy`() async throws {
        try await ScriptedServer.run { _, _ in
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port, .socks5)) { rig in
                let reply = try await rig.exchange("CONNECT a.invalid:80 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(reply.contains("error=dns_"))
                #expect(server.connections == 0)
            }
        }
    }

    @Test(
        arguments: [
            ([5, 255], 502, "proxy_configuration_error"), ([5, 0], 502, "proxy_configuration_error"),
            ([4, 0], 502, "http_protocol_error"), ([5, 2, 1, 1], 502, "proxy_configuration_error"),
            ([5, 2, 1, 0, 5, 1], 502, "proxy_internal_response"),
            ([5, 2, 1, 0, 5, 2], 502, "http_request_denied; details=\"socks 2\""),
            ([5, 2, 1, 0, 5, 3], 502, "destination_ip_unroutable"),
            ([5, 2, 1, 0, 5, 4], 502, "destination_unavailable"),
            ([5, 2, 1, 0, 5, 5], 502, "connection_refused"), ([5, 2, 1, 0, 5, 6], 504, "connection_timeout"),
            ([5, 2, 1, 0, 5, 7], 502, "proxy_internal_response"), ([5, 2, 1, 0, 5, 8], 502, "proxy_internal_response"),
            ([5, 2, 1, 0, 5, 0, 0], 502, "connection_terminated"), ([], 502, "connection_terminated"),
        ] as [([UInt8], Int, String)]
    )
    func `a refusal becomes a failure of the bridge's own`(
        _ answer: [UInt8],
        _ status: Int,
        _ error: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            // All at once: what comes before its turn waits for it.
            try await peer.send(bytes: answer)
            peer.finish()
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port)) { rig in
                let reply = try await rig.exchange(connect + "early")
                #expect(reply.hasPrefix("HTTP/1.1 \(status) "))
                #expect(reply.contains("\r\nProxy-Status: \"bridge@1\"; error=\(error)\r\n"))
                #expect(!reply.contains("s3cret"))
            }
        }
    }

    @Test func `a refused login is not repeated until the credential changes`() async throws {
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readBytes(3)
            try await peer.send(bytes: [5, 2])
            _ = try await peer.readBytes(8)
            if number == 1 { try await peer.send(bytes: [1, 1]) } else { try await peer.send(bytes: [1, 0, 5, 5]) }
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.socks(server.port)) { rig in
                for request in [connect, connect, "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"] {
                    let reply = try await rig.exchange(request)
                    #expect(reply.contains("error=proxy_configuration_error\r\n"))
                }
                #expect(server.connections == 1)
                await rig.log.wait(for: "socks=socks status 1")
                rig.routes.publish(RouteSnapshot(.socks(server.port, password: "newest"), generation: 2))
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("error=connection_refused"))
                #expect(server.connections == 2)
            }
        }
    }

    @Test func `a proxy may want no credential when that is allowed`() async throws {
        try await ScriptedServer.run { peer, _ in
            let greeting = try await peer.readBytes(4)
            #expect(greeting == [5, 2, 0, 2])
            try await peer.send(bytes: [5, 0])
            _ = try await peer.readBytes(5 + 6 + 2)
            try await peer.openSOCKS(then: "open\n")
        } _: { server in
            let settings = BridgeSettings.socks(server.port) { $0.allowsNoAuthentication = true }
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply == established + "open\n")
            }
        }
    }

    @Test func `a proxy that falls silent is given up`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readBytes(3)
            try await peer.send(bytes: [5, 2])
            await peer.waitForEnd()
        } _: { server in
            var settings = BridgeSettings.socks(server.port)
            settings.timeouts.reply = .milliseconds(50)
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(connect)
                #expect(reply.contains("504 Gateway Timeout") && reply.contains("error=connection_read_timeout"))
            }
        }
    }
}
