import ServiceConfiguration
import Sockets
import Testing

@testable import Services

/// What SOCKS5 proxies were measured to answer, and what the client of the bridge gets for it.
@Suite(.timeLimit(.minutes(1)), .enabled(if: MatrixScope.kinds.contains(.socks5h)))
struct ProxyBridgeSOCKSReplyTests {
    /// The answer to a CONNECT behind a proxy that chooses a method, takes or refuses the credential, and replies.
    private func answer(method: UInt8 = 2, authentication: UInt8 = 0, reply: UInt8 = 0) async throws -> String {
        var answer = ""
        try await ScriptedServer.run { peer, _ in
            let count = try await peer.readBytes(2)[1]
            let methods = try await peer.readBytes(Int(count))
            #expect(methods == [2], "with a credential there is one method, else a proxy could hide a wrong one")
            try await peer.send(bytes: [5, method])
            guard method == 2 else { return await peer.waitForEnd() }
            for _ in 1...2 {
                let head = try await peer.readBytes(1)
                let length = head == [1] ? try await peer.readBytes(1) : head
                _ = try await peer.readBytes(Int(length[0]))
            }
            try await peer.send(bytes: [1, authentication])
            guard authentication == 0 else { return await peer.waitForEnd() }
            _ = try await peer.readBytes(4 + 4 + 2)
            try await peer.send(bytes: [5, reply, 0, 1, 0, 0, 0, 0, 0, 0])
        } _: { server in
            let settings = MatrixSettings.through(.socks5h, port: server.port, password: MatrixSettings.passwords[0])
            try await ProxyBridgeRig.run(settings) { rig in
                answer = try await rig.exchange("CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: x\r\n\r\n")
            }
        }
        return answer
    }

    @Test func `a proxy that takes no user name, as dante without one, is a wrong configuration`() async throws {
        let answer = try await answer(method: 0xff)
        #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("error=proxy_configuration_error"), "\(answer)")
    }

    @Test func `a refused user name, as dante's 1 1, is a wrong configuration`() async throws {
        let answer = try await answer(authentication: 1)
        #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("error=proxy_configuration_error"), "\(answer)")
    }

    @Test(arguments: [
        (1, 502, "proxy_internal_response"), (2, 502, "http_request_denied"), (3, 502, "destination_ip_unroutable"),
        (4, 502, "destination_unavailable"), (5, 502, "connection_refused"), (6, 504, "connection_timeout"),
        (7, 502, "proxy_internal_response"), (8, 502, "proxy_internal_response"),
    ])
    func `each reply has its row in the failure table`(_ reply: UInt8, _ status: Int, _ error: String) async throws {
        let answer = try await answer(reply: reply)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("error=\(error)"), "\(answer)")
    }
}
