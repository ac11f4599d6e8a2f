import Synchronization

/// A small HTTP proxy of the test's own that is the origin too, and says its name in all that it serves.
///
/// What a tunnel does is the host of its target: `echo` gives back what comes; `slow` waits for the gate before it
/// opens; `late` waits for the end of the client's bytes, then for the gate, and then answers.
package final class NamedProxy: Sendable {
    private let server: LoopbackServer
    private let gate = Gate()
    private let waiting: Counter

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    package init(_ name: String, password: String) throws {
        let credential = Canary.base64(Array("\(Canary.user):\(password)".utf8))
        let (gate, waiting) = (gate, Counter())
        self.waiting = waiting
        server = try LoopbackServer { client in
            let head = try client.receiveHead()
            guard head.contains("Proxy-Authorization: Basic \(credential)\r\n") else {
                try client.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                client.endSending()
                return
            }
            guard head.hasPrefix("CONNECT ") else {
                let fields = "Connection: close\r\nContent-Length: \(name.utf8.count)\r\n"
                try client.send("HTTP/1.1 200 OK\r\n\(fields)\r\n\(name)")
                client.endSending()
                return
            }
            func wait() {
                waiting.value.add(1, ordering: .relaxed)
                gate.wait()
            }
            if head.hasPrefix("CONNECT slow:") { wait() }
            try client.send("HTTP/1.1 200 OK\r\n\r\n\(name)\n")
            if head.hasPrefix("CONNECT late:") {
                let count = try client.receiveToEnd().count
                wait()
                try client.send("late after \(count)\n")
            } else {
                while case let bytes = try client.receive(), !bytes.isEmpty { try client.send(bytes) }
            }
            client.endSending()
        }
    }

    package var port: UInt16 { server.port }
    package var accepted: Int { server.accepted }

    /// Waits until so many tunnels stand at the gate.
    package func awaitWaiting(_ count: Int) throws {
        try Facts.wait(for: "\(count) tunnels wait at the gate") { waiting.value.load(ordering: .relaxed) == count }
    }

    /// Lets what waits go on.
    package func open() {
        gate.open()
    }

    package func stop() {
        gate.open()
        server.stop()
    }

    /// Opens a tunnel through a bridge.
    ///
    /// - Returns: The name of the proxy that serves it.
    package static func open(_ client: ClientSocket, to host: String) throws -> String {
        try client.send("CONNECT \(host):1 HTTP/1.1\r\nHost: \(host):1\r\n\r\n")
        return try name(client)
    }

    /// Reads the answer to a CONNECT that has been sent, and the name behind it.
    package static func name(_ client: ClientSocket) throws -> String {
        let head = try client.receiveHead()
        guard head.hasPrefix("HTTP/1.1 200 ") else { throw ScenarioFailure("cannot open a tunnel: \(head)") }
        return String(decoding: try client.receive(exactly: 2).prefix(1), as: UTF8.self)
    }
}
