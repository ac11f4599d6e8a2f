import NIOCore
import ServiceConfiguration
import Sockets
import Testing

@testable import Services

/// Where other bridges were measured to fail, one by one: what this one does instead.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgePeersTests {
    private static let target = "127.0.0.1:9"

    /// What a client gets through a proxy that answers each head with `reply` and then echoes.
    private func answer(
        _ form: MatrixForm,
        when reply: String,
        closing: Bool = false,
        _ change: (inout BridgeTimeouts) -> Void = { _ in }
    ) async throws -> MatrixClient.Answer {
        var result = MatrixClient.Answer()
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send(reply)
            guard !closing else { return }
            if form == .connect { try await peer.send("echo of " + (try await peer.read(through: "\n"))) }
        } _: { server in
            var settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            change(&settings.timeouts)
            try await ProxyBridgeRig.run(settings) { rig in
                result = try await MatrixClient.ask(form, to: 9, through: rig)
            }
        }
        return result
    }

    /// The bridge's own answer, with nothing of the upstream's in it.
    private func expectFailure(_ answer: MatrixClient.Answer, _ status: Int, _ error: String) {
        #expect(answer.status == status && !answer.isCut, "\(answer)")
        #expect(answer.head.contains("error=\(error)\r\n"), "\(answer)")
        #expect(!answer.text.contains("page of") && !answer.text.contains("uthenticate"), "\(answer)")
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `a 407 of the upstream prompts nobody and hands out no page`(_ form: MatrixForm) async throws {
        let answer = try await answer(form, when: MatrixReply.proxyAuthentication)
        expectFailure(answer, 502, "proxy_configuration_error; received-status=407")
    }

    @Test func `a 401 to CONNECT is a refused credential, as tinyproxy means it`() async throws {
        let answer = try await answer(.connect, when: MatrixReply.text(of: .unauthorized, to: .connect))
        expectFailure(answer, 502, "proxy_configuration_error; received-status=401")
    }

    @Test func `a refused CONNECT opens no tunnel with the refusal's page in it`() async throws {
        let answer = try await answer(.connect, when: MatrixReply.text(of: .forbidden, to: .connect))
        expectFailure(answer, 502, "http_protocol_error; received-status=403")
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `an upstream that closes without a byte is told, not a tunnel that ends`(_ form: MatrixForm) async throws {
        expectFailure(try await answer(form, when: "", closing: true), 502, "connection_terminated")
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `a reset of the upstream is told, not passed on as a silent close`(_ form: MatrixForm) async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.reset()
        } _: { server in
            let settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                expectFailure(try await MatrixClient.ask(form, to: 9, through: rig), 502, "connection_terminated")
            }
        }
    }

    @Test(arguments: [
        "204 No Content\r\n", "299 Fine\r\n", "200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n",
    ])
    func `any success to CONNECT opens the tunnel, and nothing of it is taken for a body`(_ reply: String) async throws
    {
        let answer = try await answer(.connect, when: "HTTP/1.1 \(reply)\r\n")
        #expect(
            answer.head == "HTTP/1.1 200 Connection established\r\n\r\n" && answer.rest == "echo of ping\n",
            "\(answer)"
        )
    }

    @Test func `a 100 before the 200 is neither the answer nor the tunnel's first bytes`() async throws {
        let answer = try await answer(.connect, when: MatrixReply.text(of: .continueThenOK, to: .connect))
        #expect(answer.head == "HTTP/1.1 200 Connection established\r\n\r\n" && answer.interim == 0, "\(answer)")
        #expect(answer.rest == "echo of ping\n", "\(answer)")
    }

    @Test func `a response with length and chunked coding is read by the coding and told by one of them`() async throws
    {
        let reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n6\r\norigin\r\n0\r\n\r\n"
        let answer = try await answer(.get, when: reply)
        #expect(answer.status == 200 && !answer.head.lowercased().contains("content-length"), "\(answer)")
        #expect(answer.rest == "6\r\norigin\r\n0\r\n\r\n", "\(answer)")
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `what is no HTTP is neither relayed nor a tunnel`(_ form: MatrixForm) async throws {
        let answer = try await answer(form, when: MatrixReply.text(of: .garbage, to: form))
        expectFailure(answer, 502, "http_protocol_error")
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `a head of 200 kB is refused and not held in memory`(_ form: MatrixForm) async throws {
        let long = String(repeating: "x", count: 200_000)
        let answer = try await answer(form, when: "HTTP/1.1 200 OK\r\nX: \(long)\r\n\r\n")
        expectFailure(answer, 502, "http_response_header_section_size")
    }

    @Test(arguments: [(MatrixForm.connect, "connection_read_timeout"), (.get, "http_response_timeout")])
    func `an upstream that never answers is given up and told`(_ form: MatrixForm, _ error: String) async throws {
        try await ScriptedServer.run { peer, _ in
            await peer.waitForEnd()
        } _: { server in
            let password = MatrixSettings.passwords[0]
            let settings = MatrixSettings.through(.http, port: server.port, password: password, isShort: true)
            try await ProxyBridgeRig.run(settings) { rig in
                expectFailure(try await MatrixClient.ask(form, to: 9, through: rig), 504, error)
            }
        }
    }

    @Test(arguments: [MatrixForm.connect, .get])
    func `a private address goes through the upstream like any other`(_ form: MatrixForm) async throws {
        let aside = try MatrixPort(listens: true)
        let upstream = MatrixUpstream(.http, form, .forbidden)
        try await ScriptedServer.run { peer, _ in
            try await upstream.serve(peer)
        } _: { server in
            let settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                _ = try await MatrixClient.ask(form, to: aside.number, through: rig)
            }
        }
        #expect(aside.takeConnections() == 0 && upstream.heads.count == 1)
    }

    @Test func `a name that nobody knows here is the upstream's to resolve`() async throws {
        let upstream = MatrixUpstream(.http, .get, .good)
        try await ScriptedServer.run { peer, _ in
            try await upstream.serve(peer)
        } _: { server in
            let settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                let answer = try await rig.exchange(
                    "GET http://nowhere.invalid/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                )
                #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
            }
        }
        #expect(upstream.heads.map { $0.hasPrefix("GET http://nowhere.invalid/ HTTP/1.1\r\n") } == [true])
    }

    @Test func `a request gets the host of its target, loses what concerns one hop, and keeps order and case`()
        async throws
    {
        try await ScriptedServer.run { peer, _ in
            let head = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
        } _: { server in
            try await ProxyBridgeRig.run(MatrixSettings.open(BridgeSettings(upstream: .direct))) { rig in
                let answer = try await rig.exchange(
                    "GET http://127.0.0.1:\(server.port)/x HTTP/1.1\r\nhOsT: evil.test\r\nX-One: 1\r\nx-TWO: 2\r\n"
                        + "X-Hop: gone\r\nConnection: close, x-hop\r\nKeep-Alive: 5\r\nX-One: 3\r\n"
                        + "Proxy-Connection: keep-alive\r\nTE: trailers\r\n\r\n"
                )
                let sent = answer.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
                #expect(
                    sent == "GET /x HTTP/1.1\r\nhOsT: 127.0.0.1:\(server.port)\r\nX-One: 1\r\nx-TWO: 2\r\n"
                        + "X-One: 3\r\n\r\n",
                    "\(answer)"
                )
            }
        }
    }

    @Test func `an answer that follows the end of the client's bytes comes through`() async throws {
        let all = String(repeating: "x", count: 1000)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            try await peer.send("got \(try await peer.readToEnd().utf8.count)")
        } _: { server in
            let settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                try await rig.client { client in
                    try await client.send(MatrixClient.request(.connect, to: 9))
                    _ = try await client.readHead()
                    try await client.send(all)
                    client.finish()
                    let answer = try await client.readToEnd()
                    #expect(answer == "got 1000")
                }
            }
        }
    }

    @Test func `bytes behind a refused CONNECT never reach the upstream`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            let more = try await peer.readToEnd()
            #expect(more.isEmpty)
        } _: { server in
            let settings = MatrixSettings.through(.http, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                let smuggled = "GET http://\(Self.target)/ HTTP/1.1\r\nHost: \(Self.target)\r\n\r\n"
                let answer = try await rig.exchange(MatrixClient.request(.connect, to: 9) + smuggled)
                #expect(answer.ranges(of: "HTTP/1.1 ").count == 1 && answer.hasPrefix("HTTP/1.1 502 "), "\(answer)")
            }
        }
    }
}
