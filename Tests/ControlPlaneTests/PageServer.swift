import ControlPlane
import ScenarioSupport
import Synchronization

/// Serves the status page with what a test lets happen, in place of a daemon.
final class PageServer: Sendable {
    private final class Script: Sendable {
        struct State {
            /// What each stream of events consists of.
            var messages: [String] = []
            /// How often all streams were cut.
            var cuts = 0
            var isDown = false
        }

        let state = Mutex(State())
    }

    private let script: Script
    private let server: LoopbackServer

    init() throws {
        let script = Script()
        self.script = script
        server = try LoopbackServer { client in try Self.serve(client, script) }
    }

    var origin: String { "http://127.0.0.1:\(server.port)" }

    func send(_ snapshot: Snapshot) throws {
        let line = try JSONFormat.line(snapshot)
        script.state.withLock { $0.messages.append("event: snapshot\ndata: \(line)\n\n") }
    }

    func send(_ record: EventRecord) throws {
        let line = try JSONFormat.line(record)
        script.state.withLock { $0.messages.append("event: record\ndata: \(line)\n\n") }
    }

    /// Ends all streams, forgets what they were about, and answers nothing until `comeBack`.
    func goAway() {
        script.state.withLock { state in
            state.messages = []
            state.cuts += 1
            state.isDown = true
        }
    }

    func comeBack() {
        script.state.withLock { $0.isDown = false }
    }

    func stop() {
        goAway()
        server.stop()
    }

    private static func serve(_ client: ClientSocket, _ script: Script) throws {
        let path = try client.receiveHead().split(separator: " ").dropFirst().first ?? ""
        guard !script.state.withLock({ $0.isDown }) else { return }
        switch path {
        case "/":
            let page = StatusPage.html
            try client.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: \(page.utf8.count)\r\n"
                    + "Content-Security-Policy: \(StatusPage.contentSecurityPolicy)\r\nConnection: close\r\n\r\n\(page)"
            )
        case "/v1/events":
            try client.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            try stream(to: client, script)
        default:
            try client.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
    }

    private static func stream(to client: ClientSocket, _ script: Script) throws {
        let cuts = script.state.withLock { $0.cuts }
        var sent = 0
        while true {
            let message: String? = script.state.withLock { state in
                guard state.cuts == cuts else { return nil }
                return sent < state.messages.count ? state.messages[sent] : ""
            }
            guard let message else { return }
            if message.isEmpty {
                Facts.pace(milliseconds: 5)
            } else {
                try client.send(message)
                sent += 1
            }
        }
    }
}
