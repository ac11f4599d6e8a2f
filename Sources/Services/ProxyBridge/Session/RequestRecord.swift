import Logging
import NIOCore
import ServiceConfiguration

/// What the log gets to know about one request; it holds no field of a head, so it can leak none.
struct RequestRecord {
    var connection: UInt64
    var method = "-"
    var target = "-"
    /// Logged at the level debug only, and never with the query.
    private var path: String?
    var upstream = "-"
    var generation: UInt64 = 0
    var status: Int?
    var error: String?
    /// What the upstream answered, when that is the error.
    var received: Int?
    /// The same of an upstream that speaks SOCKS.
    var socks: String?
    /// What the upstream said about its refusal.
    private var diagnostics: [String: String] = [:]
    var up: UInt64 = 0
    var down: UInt64 = 0
    private let start = NIODeadline.now()
    private var dialled: NIODeadline?
    private var replied: NIODeadline?
    private var secured: NIODeadline?
    private var firstByte: NIODeadline?

    init(connection: UInt64) {
        self.connection = connection
    }

    /// A request that is refused before it is dispatched.
    init(connection: UInt64, refused reader: RequestHeadReader, generation: UInt64) {
        self.init(connection: connection)
        self.generation = generation
        guard let (method, target) = reader.gist else { return }
        self.method = method
        self.target = target?.description ?? "-"
    }

    init(connection: UInt64, request: RequestHead, snapshot: RouteSnapshot) {
        self.init(connection: connection)
        method = request.method
        target = request.target.authority.description
        if case .resource(_, let path) = request.target {
            self.path = String(decoding: path.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        }
        upstream = snapshot.upstreamID
        generation = snapshot.generation
    }

    /// What a tunnel is for, as the list of connections shows it.
    var purpose: String { "\(method) \(target) by \(upstream)" }

    /// The request takes another way; how far it came on the last one does not count.
    mutating func move(to snapshot: RouteSnapshot) {
        upstream = snapshot.upstreamID
        generation = snapshot.generation
        dialled = nil
        secured = nil
        replied = nil
        firstByte = nil
    }

    /// A tunnel that a SOCKS client wants; nil: it has not said where to.
    init(connection: UInt64, tunnelTo target: Authority?, snapshot: RouteSnapshot) {
        self.init(connection: connection)
        method = "SOCKS5"
        generation = snapshot.generation
        guard let target else { return }
        self.target = target.description
        upstream = snapshot.upstreamID
    }

    /// Keeps why the request failed; `status` is that of HTTP, whatever the client speaks.
    mutating func note(_ failure: BridgeFailure, style: BridgeSettings.ErrorStyle) {
        status = failure.status(in: style)
        error = failure.word
        received = failure.receivedStatus
        socks = failure.socksDetails
    }

    /// Keeps how the connection was opened; the first one counts.
    mutating func take(_ facts: OpeningFacts) {
        if dialled == nil { dialled = facts.dialled }
        if replied == nil { replied = facts.replied }
        if secured == nil { secured = facts.secured }
        if firstByte == nil { firstByte = facts.firstByte }
        diagnostics.merge(facts.diagnostics.fields) { first, _ in first }
    }

    mutating func markFirstByte() {
        if firstByte == nil { firstByte = .now() }
    }

    /// Counts the request, which has ended, and writes its one line; `cause` is why it ended, in one word.
    func close(in context: BridgeContext, cause: String) {
        context.counting.add(self)
        log(to: context.log, bridge: context.name, cause: cause)
    }

    /// Writes the line; `close` also counts.
    func log(to log: Logger, bridge: String, cause: String) {
        var metadata: Logger.Metadata = [
            "bridge": "\(bridge)", "connection": "\(connection)", "method": "\(RequestRecord.escaped(method))",
            "target": "\(RequestRecord.escaped(target))", "upstream": "\(upstream)", "generation": "\(generation)",
            "total_ms": "\(milliseconds(.now()))", "up": "\(up)", "down": "\(down)", "cause": "\(cause)",
        ]
        if log.logLevel <= .debug, let path { metadata["path"] = "\(RequestRecord.escaped(path))" }
        if let status { metadata["status"] = "\(status)" }
        if let error { metadata["error"] = "\(error)" }
        if let received { metadata["received"] = "\(received)" }
        if let socks { metadata["socks"] = "\(socks)" }
        for (name, value) in diagnostics { metadata["upstream_" + name.map { $0 == "-" ? "_" : $0 }] = "\(value)" }
        if let dialled { metadata["dial_ms"] = "\(milliseconds(dialled))" }
        if let secured { metadata["tls_ms"] = "\(milliseconds(secured))" }
        if let replied { metadata["reply_ms"] = "\(milliseconds(replied))" }
        if let firstByte { metadata["ttfb_ms"] = "\(milliseconds(firstByte))" }
        log.info("request", metadata: metadata)
    }

    private func milliseconds(_ end: NIODeadline) -> Int64 {
        (end - start).nanoseconds / 1_000_000
    }

    /// Text from the wire without anything that a terminal or a log parser could obey, and bounded.
    static func escaped(_ text: String, limit: Int = HeadLimits.hostBytes + 16, blanks: Bool = false) -> String {
        var result = ""
        for byte in text.utf8 {
            // An escape is never cut in two.
            guard result.utf8.count + ((0x20...0x7e).contains(byte) ? 1 : 4) <= limit else { break }
            if (0x21...0x7e).contains(byte) || (blanks && byte == 0x20) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return result
    }
}
