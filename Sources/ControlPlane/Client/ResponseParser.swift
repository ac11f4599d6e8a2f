/// One HTTP/1.1 response, from bytes in whatever pieces they come (RFC 9112).
///
/// Strict where a lenient reader would take an answer for complete that is not.
struct ResponseParser {
    /// Why these bytes are no response.
    enum Malformed: Error, Hashable {
        case head
        case chunk
        /// The connection ended before the response.
        case truncated
    }

    private enum State: Hashable {
        case statusLine
        case fields
        /// A body of so many bytes, or of so many more in this chunk.
        case body(Int)
        case untilEnd
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case done
    }

    /// The head of an answer of ours has a few hundred bytes.
    private static let headLimit = 16 * 1024

    private(set) var status = 0
    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headBytes = 0
    private var length: Int?
    private var isChunked = false

    var isDone: Bool { state == .done }
    /// The head is complete.
    var hasHead: Bool { state != .statusLine && state != .fields }

    /// Takes bytes; what belongs to the body goes to `body`.
    mutating func take(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) throws(Malformed) {
        var rest = bytes
        while !rest.isEmpty, state != .done {
            switch state {
            case .body(let missing), .chunk(let missing):
                let part = rest.prefix(missing)
                rest = rest.dropFirst(part.count)
                body(part)
                advance(missing - part.count)
            case .untilEnd:
                body(rest)
                rest = []
            case .statusLine, .fields, .chunkSize, .chunkEnd, .trailers:
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                    try gather(rest)
                    return
                }
                try gather(rest[..<end])
                rest = rest[(end + 1)...]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                try endLine()
                line = []
            case .done: return
            }
        }
    }

    /// The connection has ended.
    mutating func end() throws(Malformed) {
        switch state {
        case .done: return
        case .untilEnd: state = .done
        case .statusLine, .fields, .body, .chunkSize, .chunk, .chunkEnd, .trailers: throw .truncated
        }
    }

    private mutating func advance(_ missing: Int) {
        let isBody = if case .body = state { true } else { false }
        guard missing == 0 else {
            state = isBody ? .body(missing) : .chunk(missing)
            return
        }
        state = isBody ? .done : .chunkEnd
    }

    private mutating func gather(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
        line += bytes
        headBytes = state == .chunkSize || state == .chunkEnd ? 0 : headBytes + bytes.count
        guard line.count <= Self.headLimit, headBytes <= Self.headLimit else { throw .head }
    }

    private mutating func endLine() throws(Malformed) {
        switch state {
        case .statusLine: try readStatus()
        case .fields: if line.isEmpty { try endHead() } else { try readField() }
        case .chunkSize: try readChunkSize()
        case .chunkEnd:
            guard line.isEmpty else { throw .chunk }
            state = .chunkSize
        case .trailers: if line.isEmpty { state = .done }
        case .body, .chunk, .untilEnd, .done: break
        }
    }

    private mutating func readStatus() throws(Malformed) {
        let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let number = Int(parts[1]), (100...599).contains(number)
        else { throw .head }
        status = number
        state = .fields
    }

    private mutating func readField() throws(Malformed) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .head }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
        let words = value.split(separator: " ").flatMap { $0.split(separator: "\t") }
        switch name {
        case "content-length":
            guard words.count == 1, words[0].utf8.allSatisfy(Self.isDigit), let number = Int(words[0]),
                length == nil || length == number
            else { throw .head }
            length = number
        case "transfer-encoding":
            guard words.count == 1, words[0].lowercased() == "chunked", !isChunked else { throw .head }
            isChunked = true
        case _: break
        }
    }

    private mutating func endHead() throws(Malformed) {
        // An interim answer is followed by the real one.
        if status < 200 {
            state = .statusLine
        } else if isChunked {
            guard length == nil else { throw .head }
            state = .chunkSize
        } else if status == 204 || status == 304 || length == 0 {
            state = .done
        } else {
            state = length.map { .body($0) } ?? .untilEnd
        }
    }

    private mutating func readChunkSize() throws(Malformed) {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.count <= 8, digits.allSatisfy(Self.isHexDigit),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .chunk }
        state = size == 0 ? .trailers : .chunk(size)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
