import NIOCore

/// Reads one request head from the bytes of a client, however they are split.
struct RequestHeadReader: Sendable {
    private var lines = HeadLineReader(lineLimit: HeadLimits.requestLineBytes)
    private var line: [UInt8]?
    private var fields: [HeadField] = []
    private var skippedEmptyLine = false

    /// True once the first byte has come.
    var hasBegun: Bool { 0 < lines.bytesRead }

    /// Consumes the head's bytes and nothing behind them.
    ///
    /// - Returns: nil while the head is incomplete.
    mutating func read(_ buffer: inout ByteBuffer) throws(RequestProblem) -> RequestHead? {
        if !hasBegun, let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
            if first == 0x16 { throw .tlsOnPlainListener }
            if first == 0x04 { throw .socks4 }
        }
        while case .line(let bytes) = try nextLine(&buffer) {
            guard let start = line else {
                // One empty line before a request is tolerated (RFC 9112 2.2).
                if bytes.isEmpty, !skippedEmptyLine {
                    skippedEmptyLine = true
                    lines = HeadLineReader(lineLimit: HeadLimits.requestLineBytes)
                    continue
                }
                line = bytes
                _ = try RequestLine(bytes)
                continue
            }
            if bytes.isEmpty { return try RequestHead(line: start, fields: fields, size: lines.bytesRead) }
            try append(bytes)
        }
        return nil
    }

    /// Method and target of a head that may be incomplete or wrong, as far as they can be told; for the log.
    var gist: (method: String, target: Authority?)? {
        let parts = (line ?? lines.unfinishedLine).split(separator: 0x20, maxSplits: 2)
        guard parts.count > 1, parts[0].allSatisfy(\.isTokenByte) else { return nil }
        let method = String(decoding: parts[0], as: UTF8.self)
        // Without the space behind it, the target may not be all there.
        guard parts.count == 3 else { return (method, nil) }
        return (method, RequestTarget.authority(method: method, parts[1]))
    }

    private mutating func nextLine(_ buffer: inout ByteBuffer) throws(RequestProblem) -> HeadLineReader.Progress {
        do {
            return try lines.next(&buffer)
        } catch {
            switch error {
            case .controlByte: throw .controlByte
            case .lineTooLong: throw .lineTooLong
            case .headTooLarge: throw .headTooLarge
            }
        }
    }

    private mutating func append(_ bytes: [UInt8]) throws(RequestProblem) {
        if bytes[0].isBlank { throw .foldedField }
        if fields.count == HeadLimits.fields { throw .tooManyFields }
        guard let field = HeadField(line: bytes) else { throw .malformedField }
        fields.append(field)
    }
}
