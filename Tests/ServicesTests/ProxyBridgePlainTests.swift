import NIOCore
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
struct ProxyBridgePlainTests {
    @Test func `a request reaches its origin in origin form, on one connection for several requests`() async throws {
        try await ScriptedServer.run { peer, number in
            while true {
                let head = try await peer.readHead()
                let body = "\(number) \(head.prefix { $0 != "\r\n" })"
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nX-A: b\r\n\r\n\(body)")
            }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let answer = try await rig.exchange(get(server.port, "/1") + get(server.port, "/2", fields: last))
                #expect(
                    answer == "HTTP/1.1 200 OK\r\nContent-Length: 17\r\nX-A: b\r\n\r\n1 GET /1 HTTP/1.1"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 17\r\nX-A: b\r\nConnection: close\r\n\r\n"
                        + "1 GET /2 HTTP/1.1"
                )
            }
        }
    }

    @Test func `a chunked body is framed anew in both directions, with its trailers`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            let body = try await peer.read(through: "\r\n\r\n")
            try await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await peer.send("2;ext=1\r\n\(head.contains("Transfer-Encoding: chunked\r\n") ? "ok" : "no")\r\n")
            try await peer.send("\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\nX-T: 1\r\n\r\n")
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let request = get(server.port, method: "POST", fields: "Transfer-Encoding: chunked\r\n" + last)
                let answer = try await rig.exchange(request + "3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n")
                #expect(
                    answer.hasPrefix(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n"
                    )
                )
                #expect(answer.contains("3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"))
                #expect(answer.hasSuffix("0\r\nX-T: 1\r\n\r\n"))
            }
        }
    }

    @Test func `an expectation and its 100 are relayed`() async throws {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            try await peer.send("HTTP/1.1 100 Continue\r\n\r\n")
            let body = try await peer.read(through: "body")
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\(body)")
            #expect(head.contains("Expect: 100-continue\r\n"))
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(
                        get(server.port, method: "POST", fields: "Content-Length: 4\r\nExpect: 100-continue\r\n")
                    )
                    let reply1 = try await client.readHead()
                    #expect(reply1 == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await client.send("body")
                    let reply2 = try await client.readHead()
                    #expect(reply2 == "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
                    let reply3 = try await client.read(through: "body")
                    #expect(reply3 == "body")
                }
            }
        }
    }

    @Test(arguments: [
        ("HEAD", "200 OK\r\nContent-Length: 5", "200 OK\r\nContent-Length: 5"),
        ("GET", "204 Gone\r\nX: y", "204 Gone\r\nX: y"), ("GET", "304 Same\r\nETag: x", "304 Same\r\nETag: x"),
        (
            "GET", "401 Who\r\nContent-Length: 0\r\nWWW-Authenticate: Basic",
            "401 Who\r\nContent-Length: 0\r\nWWW-Authenticate: Basic"
        ),
        ("GET", "503 Busy\r\nContent-Length: 0", "503 Busy\r\nContent-Length: 0"),
    ])
    func `a response without body passes and the connection goes on`(
        _ method: String,
        _ reply: String,
        _ delivered: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                _ = try await peer.readHead()
                try await peer.send("HTTP/1.1 \(reply)\r\n\r\n")
            }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    for _ in 1...2 {
                        try await client.send(get(server.port, method: method))
                        let reply4 = try await client.readHead()
                        #expect(reply4 == "HTTP/1.1 \(delivered)\r\n\r\n")
                    }
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `a body that ends with its connection becomes chunked, or ends the connection of an old client`()
        async throws
    {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.0 200 OK\r\n\r\nhello")
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(get(server.port))
                    let reply5 = try await client.readHead()
                    #expect(reply5 == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    let reply6 = try await client.read(through: "0\r\n\r\n")
                    #expect(reply6 == "5\r\nhello\r\n0\r\n\r\n")
                }
                let old = "GET http://127.0.0.1:\(server.port)/ HTTP/1.0\r\n\r\n"
                let reply7 = try await rig.exchange(old)
                #expect(reply7 == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
            }
        }
    }

    @Test(arguments: [
        "Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhellox",
    ])
    func `a truncated response cuts the client's connection`(_ rest: String) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\(rest)")
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                await #expect(throws: (any Error).self) { try await rig.exchange(get(server.port)) }
                await rig.log.wait(for: "error=http_response_incomplete")
            }
        }
    }

    @Test func `an upstream proxy gets absolute form and credential, and its 407 stays with the bridge`() async throws {
        try await ScriptedServer.run { peer, number in
            let head = try await peer.readHead()
            let isRight = head.contains("Proxy-Authorization: Basic YWxpY2U6bmV3\r\n")
            let status = isRight ? "200 OK" : "407 No\r\nProxy-Authenticate: Basic realm=\"up\""
            try await peer.send("HTTP/1.1 \(status)\r\nContent-Length: 6\r\n\r\nsecret")
            if head.hasPrefix("GET http://a.test:81/x?y HTTP/1.1\r\nHost: a.test:81\r\n") { await peer.waitForEnd() }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port, password: "old")) { rig in
                let request = "GET http://a.test:81/x?y HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n"
                let answer = try await rig.exchange(request)
                #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("received-status=407"))
                #expect(!answer.contains("secret") && !answer.contains("realm"))
                rig.routes.publish(RouteSnapshot(.through(server.port, password: "new"), generation: 2))
                let reply = try await rig.exchange(request)
                #expect(reply.hasSuffix("\r\n\r\nsecret"))
            }
        }
    }

    @Test func `a kept-alive client uses the new credential from its next request on`() async throws {
        try await ScriptedServer.run { peer, number in
            while true {
                let head = try await peer.readHead()
                let field = head.split(separator: "\r\n").first { $0.hasPrefix("Proxy-Authorization") } ?? ""
                try await peer.send(
                    "HTTP/1.1 200 OK\r\nX-\(field)\r\nX-Connection: \(number)\r\nContent-Length: 0\r\n\r\n"
                )
            }
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port, password: "old")) { rig in
                try await rig.client { client in
                    for (connection, credential) in [(1, "b2xk"), (1, "b2xk"), (2, "bmV3")] {
                        if connection == 2 {
                            rig.routes.publish(RouteSnapshot(.through(server.port, password: "new"), generation: 2))
                        }
                        try await client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n")
                        let head = try await client.readHead()
                        #expect(head.contains("X-Proxy-Authorization: Basic YWxpY2U6\(credential)\r\n"))
                        #expect(head.contains("X-Connection: \(connection)\r\n"))
                    }
                }
            }
        }
    }

    @Test func `a kept connection that died is replaced once`() async throws {
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            if number == 1 { _ = try await peer.readHead() } else { await peer.waitForEnd() }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    for number in 1...2 {
                        try await client.send(get(server.port))
                        _ = try await client.readHead()
                        let reply8 = try await client.read(through: "\(number)")
                        #expect(reply8 == "\(number)")
                    }
                }
            }
        }
    }

    @Test func `an early response ends the connection after it`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let request = get(server.port, method: "POST", fields: "Content-Length: 1000000\r\n")
                let reply10 = try await rig.exchange(request + "some")
                #expect(reply10 == "HTTP/1.1 413 Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            }
        }
    }

    @Test func `a body larger than all buffers passes both ways`() async throws {
        let size = 8 * 1024 * 1024
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            let body = try await peer.read(bytes: size)
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let body = String(repeating: "0123456789abcdef", count: size / 16)
                let head = get(server.port, method: "POST", fields: "Content-Length: \(size)\r\n" + last)
                let answer = try await rig.exchange(head + body)
                #expect(answer.hasSuffix("\r\n\r\n" + body))
            }
        }
    }

    @Test func `requests with bodies in one piece are served in order`() async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                let head = try await peer.readHead()
                let body = try await peer.read(through: head.contains("chunked") ? "\r\n0\r\n\r\n" : "two")
                let text = body.contains("one") ? "1" : "2"
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(text)")
            }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let first = get(server.port, method: "POST", fields: "Transfer-Encoding: chunked\r\n")
                let second = get(server.port, method: "POST", fields: "Content-Length: 3\r\n" + last)
                let answer = try await rig.exchange(first + "3\r\none\r\n0\r\n\r\n" + second + "two")
                #expect(
                    answer == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2"
                )
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `a client that finishes sending still gets its response`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let answer = try await rig.client { client in
                    try await client.send(get(server.port))
                    client.finish()
                    return try await client.readToEnd()
                }
                #expect(answer.hasSuffix("\r\n\r\nok"))
            }
        }
    }

    @Test func `an upload that its client cuts is cut for the origin too`() async throws {
        let begun = Gate()
        let cut = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.read(through: "some")
            begun.open()
            do { _ = try await peer.readToEnd() } catch { cut.open() }
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(get(server.port, method: "POST", fields: "Content-Length: 1000\r\n") + "some")
                    await begun.pass()
                    try await client.close()
                }
                await cut.pass()
                await rig.log.wait(for: "cause=client_aborted")
            }
        }
    }

    @Test func `a malformed chunk of a request is refused`() async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                let request = get(server.port, method: "POST", fields: "Transfer-Encoding: chunked\r\n")
                let answer = try await rig.exchange(request + "3\nabc\n0\n\n")
                #expect(answer.hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test func `a draining bridge finishes the request in flight and closes what is idle`() async throws {
        let asked = Gate()
        let drained = Gate()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            asked.open()
            await drained.pass()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await peer.waitForEnd()
        } _: { server in
            try await ProxyBridgeRig.run(direct) { rig in
                try await rig.client { client in
                    try await client.send(get(server.port))
                    await asked.pass()
                    try await rig.client { idle in
                        rig.connections.drain()
                        let reply9 = try await idle.readToEnd()
                        #expect(reply9 == "")
                    }
                    drained.open()
                    let reply11 = try await client.readToEnd()
                    #expect(reply11 == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                }
            }
        }
    }
}
