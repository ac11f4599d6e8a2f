/// The client of a bridge in the matrix.
struct MatrixClient {
    /// What one request has got.
    struct Answer: Sendable {
        /// The final head.
        var head = ""
        /// Everything behind it, as far as the client could know that it belonged to it.
        var rest = ""
        /// Interim heads before it.
        var interim = 0
        /// The stream was cut, not ended.
        var isCut = false

        var status: Int { head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
        var text: String { head + rest }
    }

    static func request(_ form: MatrixForm, to port: Int) -> String {
        let authority = "127.0.0.1:\(port)"
        let own = MatrixSettings.ofClient
        return switch form {
        case .connect: "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\(own)\r\n"
        case .get: "GET http://\(authority)/ HTTP/1.1\r\nHost: \(authority)\r\nConnection: close\r\n\(own)\r\n"
        case .post:
            "POST http://\(authority)/ HTTP/1.1\r\nHost: \(authority)\r\nTransfer-Encoding: chunked\r\n"
                + "Connection: close\r\n\(own)\r\n3\r\nabc\r\n0\r\n\r\n"
        case .upgrade:
            "GET http://\(authority)/ HTTP/1.1\r\nHost: \(authority)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(own)\r\n"
        }
    }

    static func ask(_ form: MatrixForm, to port: Int, through rig: ProxyBridgeRig) async throws -> Answer {
        try await rig.client { peer in
            try await peer.send(request(form, to: port))
            var answer = Answer()
            answer.head = try await peer.readHead()
            while answer.status == 100 {
                answer.interim += 1
                answer.head = try await peer.readHead()
            }
            let isTunnel = answer.status == 101 || form == .connect && answer.status == 200
            if isTunnel { try await peer.send("ping\n") }
            // A client that asked for an upgrade and does not get it has a connection that stays open.
            if form == .upgrade, !isTunnel, !answer.head.contains("\r\nConnection: close\r\n") {
                answer.rest = try await peer.read(bytes: length(answer.head))
                return answer
            }
            do {
                answer.rest = try await peer.readToEnd()
            } catch {
                answer.isCut = true
            }
            return answer
        }
    }

    private static func length(_ head: String) -> Int {
        let field = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        return field.flatMap { Int($0.dropFirst("Content-Length: ".count)) } ?? 0
    }
}
