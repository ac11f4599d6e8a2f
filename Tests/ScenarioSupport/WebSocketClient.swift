/// A websocket to a server on this machine: text messages, one at a time (RFC 6455).
package final class WebSocketClient {
    private let socket: ClientSocket

    /// The path is that of the URL, from its slash on.
    package init(to port: UInt16, path: String, limit: Duration = .seconds(20)) throws {
        socket = try ClientSocket(to: port, limit: limit)
        try socket.send(
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        let head = try socket.receiveHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw ScenarioFailure("cannot open a websocket: \(head)") }
    }

    package func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if bytes.count < 126 {
            frame.append(0x80 | UInt8(bytes.count))
        } else {
            frame.append(0x80 | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
        }
        // A mask of zeros changes nothing, and is one.
        try socket.send(frame + [0, 0, 0, 0] + bytes)
    }

    /// The next message; what is sent in several frames is put together.
    package func receive() throws -> String {
        var message: [UInt8] = []
        while true {
            let head = try socket.receive(exactly: 2)
            var count = Int(head[1] & 0x7f)
            if count >= 126 {
                let size = try socket.receive(exactly: count == 126 ? 2 : 8)
                count = size.reduce(0) { $0 << 8 | Int($1) }
            }
            message += try socket.receive(exactly: count)
            guard head[0] & 0x0f <= 2 else { throw ScenarioFailure("cannot go on: the websocket was closed") }
            if head[0] & 0x80 != 0 { return String(decoding: message, as: UTF8.self) }
        }
    }
}
