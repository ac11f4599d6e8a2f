import ServiceConfiguration
import Testing

@testable import Services

/// What concerns the way of a request and not its resource (RFC 9110 7.6.2, RFC 9112 3.2.4).
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeOptionsTests {
    private static let allow = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT\r\n"

    /// Answers with the head that it was asked with.
    private static func mirror(_ peer: ProxyBridgePeer, _ number: Int) async throws {
        let head = try await peer.readHead()
        try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
        await peer.waitForEnd()
    }

    private func asked(_ request: String, _ settings: (Int) -> BridgeSettings) async throws -> String {
        var answer = ""
        try await ScriptedServer.run(Self.mirror) { server in
            try await ProxyBridgeRig.run(settings(server.port)) { rig in
                let line = request.replacing("~", with: "127.0.0.1:\(server.port)")
                let reply = try await rig.exchange(line + "Host: a\r\nConnection: close\r\n\r\n")
                answer = reply.replacing("127.0.0.1:\(server.port)", with: "~")
            }
        }
        return answer
    }

    @Test(arguments: ["0", "00", "0, keep"])
    func `a request that may go no further is answered here`(_ value: String) async throws {
        try await ScriptedServer.run(Self.mirror) { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                let isNumber = !value.contains(",")
                try await rig.client { client in
                    let fields = "Host: a\r\nMax-Forwards: \(value)\r\n"
                    try await client.send("OPTIONS http://a.test/ HTTP/1.1\r\n\(fields)Content-Length: 2\r\n\r\nxx")
                    let head = try await client.readHead()
                    guard isNumber else { return #expect(head.hasPrefix("HTTP/1.1 400 ")) }
                    #expect(head == "HTTP/1.1 200 OK\r\n\(Self.allow)Content-Length: 0\r\n\r\n")
                    try await client.send("OPTIONS http://a.test/ HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n")
                    let last = try await client.readToEnd()
                    #expect(last == "HTTP/1.1 200 OK\r\n\(Self.allow)Content-Length: 0\r\nConnection: close\r\n\r\n")
                }
                #expect(server.connections == 0)
                if isNumber { await rig.log.wait(for: "status=200") }
            }
        }
    }

    @Test(arguments: [
        ("OPTIONS", "5", "4"), ("OPTIONS", "1", "0"), ("OPTIONS", "99999999999999999999", "\(Int.max - 1)"),
        ("GET", "0", "0"), ("GET", "x", "x"),
    ])
    func `each hop takes one off, of a method that has hops to count`(
        _ method: String,
        _ value: String,
        _ sent: String
    ) async throws {
        let answer = try await asked("\(method) http://~/ HTTP/1.1\r\nMAX-Forwards: \(value)\r\n") { .through($0) }
        #expect(answer.contains("\r\nMAX-Forwards: \(sent)\r\n"), "\(answer)")
    }

    @Test func `two limits of hops are none`() async throws {
        let limits = "Max-Forwards: 1\r\nMax-Forwards: 1\r\n"
        let answer = try await asked("OPTIONS http://~/ HTTP/1.1\r\n\(limits)") { .through($0) }
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
    }

    @Test(arguments: [
        ("OPTIONS http://~", "OPTIONS *"), ("OPTIONS http://~/", "OPTIONS /"), ("OPTIONS http://~?q", "OPTIONS /?q"),
        ("OPTIONS http://~#f", "OPTIONS *"), ("GET http://~", "GET /"),
    ])
    func `the last proxy asks about the origin as a whole`(_ request: String, _ sent: String) async throws {
        let answer = try await asked(request + " HTTP/1.1\r\n") { _ in BridgeSettings(upstream: .direct) }
        #expect(answer.contains("\r\n\r\n\(sent) HTTP/1.1\r\n"), "\(answer)")
    }

    @Test(arguments: [
        ("OPTIONS http://~", "OPTIONS http://~"), ("OPTIONS http://~/", "OPTIONS http://~/"),
        ("GET http://~", "GET http://~/"),
    ])
    func `another proxy gets the question as it was`(_ request: String, _ sent: String) async throws {
        let answer = try await asked(request + " HTTP/1.1\r\n") { .through($0) }
        #expect(answer.contains("\r\n\r\n\(sent) HTTP/1.1\r\n"), "\(answer)")
    }
}
