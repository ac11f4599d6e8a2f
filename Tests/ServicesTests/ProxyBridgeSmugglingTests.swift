import NIOCore
import ServiceConfiguration
import Sockets
import Synchronization
import TestSupport
import Testing

@testable import Services

/// Requests that two parsers could take apart differently: nothing of them may reach the next hop.
///
/// One after the other: hundreds of bridges at once would make the tests with short limits late.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ProxyBridgeSmugglingTests {
    /// A place in the head of a POST: `~` is the authority of the target.
    private static let fields: [(String, Int)] =
        [
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: chunked\r\nContent-Length: 0", "transfer-encoding: Chunked\r\nCONTENT-LENGTH: 5",
            "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 6", "Content-Length: 0\r\nContent-Length: 5",
            "Content-Length: +5", "Content-Length: -5", "Content-Length: 0x5", "Content-Length: 5 5",
            "Content-Length: 5,", "Content-Length: ", "Content-Length: 1e1", "Content-Length: \"5\"",
            "Content-Length: 9223372036854775808", "Content-Length: 99999999999999999999999",
            "Transfer-Encoding: gzip", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: \u{b}chunked",
            "Content-Length : 5", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", "X-A : b",
            "X-A: b\r\n c", "X-A: b\r\n\tc", "Transfer-Encoding:\r\n chunked", "Content-Length:\r\n 5",
            " Content-Length: 5", "X-A: b\nTransfer-Encoding: chunked", "X-A: b\n", "X-A: b\rContent-Length: 5",
            "X-A: b\r\r\nContent-Length: 5", "X-A: b\u{0}c", "X\u{0}: b", ": b", "no colon", "X A: b", "X(: b",
            "\u{e4}: b",
            "Connection: host", "Connection: close, Content-Length", "Connection: transfer-encoding",
            "Connection: authorization", "Connection: Cookie", "Connection: content-type", "Connection: cache-control",
            "Host: ~", "Host: evil.test", "host: evil.test",
        ].map { ($0, 400) } + [
            ("Transfer-Encoding: gzip, chunked", 501)
        ]

    /// Whole heads.
    private static let heads: [(String, Int)] =
        [
            "POST http://~/ HTTP/1.1\r\n\r\n", "POST http://~/ HTTP/1.1\r\nHost: \r\n\r\n",
            "POST http://~/ HTTP/1.1\r\nHost: a b\r\n\r\n", "POST http://~/ HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "POST http://~/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST http://~/ HTTP/1.1\nHost: ~\r\n\r\n", "POST http://~/ HTTP/1.1\r\nHost: ~\n\n",
            "POST http://~/ HTTP/1.10\r\nHost: ~\r\n\r\n", "POST http://~/ HTTP/1.1 \r\nHost: ~\r\n\r\n",
            "POST  http://~/ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "POST http://~/a b HTTP/1.1\r\nHost: ~\r\n\r\n", "POST\thttp://~/ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "POST http://~/\u{0} HTTP/1.1\r\nHost: ~\r\n\r\n", " POST http://~/ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "PO(ST http://~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "POST / HTTP/1.1\r\nHost: ~\r\n\r\n",
            "POST //~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "POST ~ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "POST https://~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "POST ftp://~/ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "POST http:/~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "POST http:///~ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "CONNECT / HTTP/1.1\r\nHost: ~\r\n\r\n", "CONNECT localhost HTTP/1.1\r\nHost: ~\r\n\r\n",
            "CONNECT http://~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "CONNECT u@~ HTTP/1.1\r\nHost: ~\r\n\r\n",
            "CONNECT ~/ HTTP/1.1\r\nHost: ~\r\n\r\n", "CONNECT ~\u{0} HTTP/1.1\r\nHost: ~\r\n\r\n",
            "CONNECT 127.0.0.1:0 HTTP/1.1\r\nHost: ~\r\n\r\n", "CONNECT 127.0.0.1:65536 HTTP/1.1\r\nHost: ~\r\n\r\n",
        ].map { ($0, 400) } + [
            ("POST http://~/ HTTP/2.0\r\nHost: ~\r\n\r\n", 505), ("POST http://~/ HTTP/0.9\r\nHost: ~\r\n\r\n", 505),
            ("TRACE http://~/ HTTP/1.1\r\nHost: ~\r\n\r\n", 405),
        ]

    private static let smuggled = "5\r\nhello\r\n0\r\n\r\nGET http://~/smuggled HTTP/1.1\r\nHost: ~\r\n\r\n"

    /// A bridge through a proxy and a bridge without: the next hop is a port that counts who connects.
    private func expect(_ status: Int, for text: String) async throws {
        let hop = try MatrixPort(listens: true)
        for kind in [MatrixKind.http, .direct] {
            // Short, so that a request which is let through fails soon: nobody would answer it.
            let password = MatrixSettings.passwords[0]
            let settings = MatrixSettings.through(kind, port: hop.number, password: password, isShort: true)
            try await ProxyBridgeRig.run(settings) { rig in
                let answer = try await rig.exchange(text.replacing("~", with: "127.0.0.1:\(hop.number)"))
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
                #expect(answer.contains("error=http_request_error\r\n"), "\(answer)")
                #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "only one request was there: \(answer)")
            }
        }
        #expect(hop.takeConnections() == 0, "the next hop was asked")
    }

    @Test(arguments: fields)
    func `fields that two parsers read differently are refused before anything is dialled`(
        _ fields: String,
        _ status: Int
    ) async throws {
        try await expect(status, for: "POST http://~/ HTTP/1.1\r\nHost: ~\r\n\(fields)\r\n\r\n" + Self.smuggled)
    }

    @Test(arguments: heads)
    func `a head that is no request to a proxy is refused before anything is dialled`(
        _ head: String,
        _ status: Int
    ) async throws {
        try await expect(status, for: head + Self.smuggled)
    }

    static let chunks = [
        "5\nhello\r\n", "5\r\nhello\n", "5\r\nhello0\r\n\r\n", "5 \r\nhello\r\n", " 5\r\nhello\r\n", "0x5\r\nhello\r\n",
        "+5\r\nhello\r\n", "-5\r\nhello\r\n", "5;a\nb\r\nhello\r\n", "5;\u{1}\r\nhello\r\n", "\r\n", ";\r\n",
        "10000000000000005\r\nhello\r\n", "5\r\nhello\r\n0\r\nX : y\r\n\r\n", "5\r\nhello\r\n0\r\n x\r\n\r\n",
        "5\r\nhello\r\n0\r\nX: y\n\r\n",
    ]

    @Test(arguments: chunks)
    func `a malformed chunk cuts the request: the next hop never sees an end`(_ body: String) async throws {
        let seen = Mutex("")
        try await ScriptedServer.run { peer, _ in
            do {
                _ = try await peer.readHead()
                let text = try await peer.readToEnd()
                seen.withLock { $0 = "ended after \(text)" }
            } catch {
                seen.withLock { $0 = String(buffer: peer.buffer) }
            }
        } _: { server in
            let target = "127.0.0.1:\(server.port)"
            try await ProxyBridgeRig.run(MatrixSettings.open(BridgeSettings(upstream: .direct))) { rig in
                let head = "POST http://\(target)/ HTTP/1.1\r\nHost: \(target)\r\nTransfer-Encoding: chunked\r\n\r\n"
                let answer = try await rig.client { client in
                    try await client.send(head)
                    // The head is on its way before the chunk comes, else a bridge may dial for nothing.
                    try await client.send(body + Self.smuggled.replacing("~", with: target))
                    return try await client.readToEnd()
                }
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
                #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer)")
            }
        }
        // All that was accepted has been served to its end.
        let text = seen.withLock { $0 }
        #expect(!text.contains("0\r\n\r\n") && !text.contains("smuggled") && !text.contains("ended"), "\(text)")
    }

    @Test(arguments: chunks)
    func `a malformed chunk that comes with its head is the client's fault, too`(_ body: String) async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            let target = "127.0.0.1:\(server.port)"
            for settings in [BridgeSettings(upstream: .direct), .through(server.port)] {
                try await ProxyBridgeRig.run(MatrixSettings.open(settings)) { rig in
                    let head = "POST http://\(target)/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    let answer = try await rig.exchange(head + body)
                    #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix("\n"), "\(answer)")
                }
            }
        }
    }

    @Test(arguments: chunks.filter { !$0.hasPrefix("5\r\n") })
    func `a malformed chunk that comes with the head of a response is the upstream's fault`(
        _ body: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let answer = try await rig.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("http_protocol_error"), "\(answer)")
            }
        }
    }

    @Test(arguments: ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 2"])
    func `a malformed chunk is refused as long as no response has been passed on`(_ begun: String) async throws {
        let asked = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(begun)
            asked.open()
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let answer = try await rig.client { client in
                    try await client.send(
                        "POST http://a.test/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    )
                    await asked.pass()
                    // What has come first is read first, however it is split.
                    if begun.hasSuffix("\r\n") { #expect(try await client.readHead().hasPrefix("HTTP/1.1 100 ")) }
                    try await client.send("x\r\n")
                    return try await client.readToEnd()
                }
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
            }
        }
    }

    @Test func `what follows a complete request is a request of its own, and is answered as one`() async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                let head = try await peer.readHead()
                let path = head.split(separator: " ")[1]
                if head.hasPrefix("POST") { _ = try await peer.read(through: "0\r\n\r\n") }
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            }
        } _: { server in
            let target = "127.0.0.1:\(server.port)"
            try await ProxyBridgeRig.run(MatrixSettings.open(BridgeSettings(upstream: .direct))) { rig in
                let answer = try await rig.exchange(
                    "POST http://\(target)/1 HTTP/1.1\r\nHost: \(target)\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n\r\nGET http://\(target)/2 HTTP/1.1\r\nHost: \(target)\r\n"
                        + "Connection: close\r\n\r\n"
                )
                #expect(answer.contains("\r\n\r\n/1HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n/2"), "\(answer)")
            }
        }
    }
}
