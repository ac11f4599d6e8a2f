import Glibc
import ScenarioSupport
import Synchronization

/// A listener on a unix socket that answers as its script says, as a daemon would or as none should.
final class ScriptedServer: Sendable {
    /// What is sent for a request, and what becomes of the connection then.
    struct Reply {
        var pieces: [String]
        /// The connection stays open until the client closes it.
        var holds = false

        init(_ pieces: [String], holds: Bool = false) {
            self.pieces = pieces
            self.holds = holds
        }

        /// A document as the daemon sends it, which is a line.
        static func json(_ body: String, status: Int = 200) -> Reply {
            let line = body + "\n"
            let length = "Content-Type: application/json\r\nContent-Length: \(line.utf8.count)\r\n"
            return Reply(["HTTP/1.1 \(status) X\r\n\(length)\r\n", line], holds: true)
        }

        /// A chunked body, a chunk for each line.
        static func lines(_ lines: [String], ends: Bool = true, holds: Bool = false) -> Reply {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunks = lines.map { "\(String($0.utf8.count + 1, radix: 16))\r\n\($0)\n\r\n" }
            return Reply([head] + chunks + (ends ? ["0\r\n\r\n"] : []), holds: holds)
        }

        static let silence = Reply([], holds: true)
        static let hangUp = Reply([])
    }

    let path: String
    private let listener: Int32
    private let seen = Mutex<[String]>([])

    /// The script answers `GET /v1/status` and so on, on a thread of its own, and may block.
    init(at path: String, _ script: @escaping @Sendable (String) -> Reply) throws {
        self.path = path
        let listener = socket(AF_UNIX, SocketAddress.streamType, 0)
        self.listener = listener
        guard Self.bind(listener, path), listen(listener, 64) == 0 else {
            throw ScenarioFailure("cannot listen on \(path): \(SystemError.text(errno))")
        }
        _ = try WorkerThread { [self] in
            // By the thread that accepts: its number may be that of another server's socket at once.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                do {
                    _ = try WorkerThread { self.serve(connection, script) }
                } catch {
                    close(connection)
                }
            }
        }
    }

    /// The requests so far, in the order in which they came: `POST /v1/reload?confirm=60`.
    var requests: [String] { seen.withLock { $0 } }

    /// Nobody listens any more; the file stays, as that of a daemon that was killed.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ connection: Int32, _ script: @Sendable (String) -> Reply) {
        defer { close(connection) }
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while head.suffix(4) != Array("\r\n\r\n".utf8)[...] {
            guard read(connection, &byte, 1) == 1 else { return }
            head.append(byte)
        }
        let request = String(decoding: head, as: UTF8.self).split(separator: " ").prefix(2).joined(separator: " ")
        seen.withLock { $0.append(request) }
        let reply = script(request)
        for piece in reply.pieces {
            let bytes = Array(piece.utf8)
            guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
        }
        while reply.holds, read(connection, &byte, 1) > 0 {}
    }

    private static func bind(_ listener: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
