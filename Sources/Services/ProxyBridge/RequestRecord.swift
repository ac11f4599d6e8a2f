import Logging
import NIOCore

/// What the log gets to know about one request; it holds no field of a head, so it can leak none.
struct RequestRecord {
    var connection: UInt64
    var method = "-"
    var target = "-"
    var upstream = "-"
    var generation: UInt64 = 0
    var status: Int?
    var error: String?
    /// What the upstream answered, when that is the error.
    var received: Int?
    var up: UInt64 = 0
    var down: UInt64 = 0
    private let start = NIODeadline.now()
    private var dialled: NIODeadline?
    private var firstByte: NIODeadline?

    init(connection: UInt64) {
        self.connection = connection
    }

    init(connection: UInt64, request: RequestHead, snapshot: RouteSnapshot) {
        self.init(connection: connection)
        method = request.method
        target = request.target.authority.description
        upstream = snapshot.upstreamID
        generation = snapshot.generation
    }

    mutating func markDialled() {
        if dialled == nil { dialled = .now() }
    }

    mutating func markFirstByte() {
        if firstByte == nil { firstByte = .now() }
    }

    /// Writes the one line of a request; `cause` is why it ended, in one word.
    func log(to log: Logger, bridge: String, cause: String) {
        var metadata: Logger.Metadata = [
            "bridge": "\(bridge)", "connection": "\(connection)", "method": "\(RequestRecord.escaped(method))",
            "target": "\(RequestRecord.escaped(target))", "upstream": "\(upstream)", "generation": "\(generation)",
            "total_ms": "\(milliseconds(.now()))", "up": "\(up)", "down": "\(down)", "cause": "\(cause)",
        ]
        if let status { metadata["status"] = "\(status)" }
        if let error { metadata["error"] = "\(error)" }
        if let received { metadata["received"] = "\(received)" }
        if let dialled { metadata["dial_ms"] = "\(milliseconds(dialled))" }
        if let firstByte { metadata["ttfb_ms"] = "\(milliseconds(firstByte))" }
        log.info("request", metadata: metadata)
    }

    private func milliseconds(_ end: NIODeadline) -> Int64 {
        (end - start).nanoseconds / 1_000_000
    }

    /// Text from the wire without anything that a terminal or a log parser could obey, and bounded.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8.prefix(HeadLimits.hostBytes + 16) {
            if (0x21...0x7e).contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return result
    }
}
