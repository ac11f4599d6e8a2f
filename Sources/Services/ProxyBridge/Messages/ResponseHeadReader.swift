import NIOCore

/// Reads the heads of an upstream's reply: informational ones first, then the final one.
struct ResponseHeadReader: Sendable {
    private static let prefix = Array("HTTP/1.".utf8)

    private var lines = HeadLineReader(lineLimit: HeadLimits.requestLineBytes)
    private var line: [UInt8]?
    private var fields: [HeadField] = []
    private var informational = 0

    /// True once any byte has come: the upstream has begun to answer.
    private(set) var hasBegun = false

    /// Consumes one head and nothing behind it; garbage is found at its first byte.
    ///
    /// - Returns: nil while the head is incomplete.
    mutating func read(_ buffer: inout ByteBuffer) throws(ResponseProblem) -> ResponseHead? {
        if 0 < buffer.readableBytes { hasBegun = true }
        while true {
            guard case .line(let bytes) = try nextLine(&buffer) else {
                if line == nil { try checkPrefix(lines.unfinishedLine) }
                return nil
            }
            guard let start = line else {
                try checkPrefix(bytes)
                line = bytes
                continue
            }
            if bytes.isEmpty { return try finish(start) }
            guard fields.count < HeadLimits.fields else { throw .headTooLarge }
            guard let field = HeadField(line: bytes) else { throw .malformedHead }
            fields.append(field)
        }
    }

    private mutating func finish(_ start: [UInt8]) throws(ResponseProblem) -> ResponseHead {
        let head = try ResponseHead(line: start, fields: fields)
        if head.isInformational {
            informational += 1
            if HeadLimits.informationalReplies < informational { throw .tooManyInformational }
        }
        lines = HeadLineReader(lineLimit: HeadLimits.requestLineBytes)
        line = nil
        fields = []
        return head
    }

    private func checkPrefix(_ bytes: [UInt8]) throws(ResponseProblem) {
        guard zip(bytes, ResponseHeadReader.prefix).allSatisfy({ $0 == $1 }) else { throw .notHTTP }
    }

    private mutating func nextLine(_ buffer: inout ByteBuffer) throws(ResponseProblem) -> HeadLineReader.Progress {
        do {
            return try lines.next(&buffer)
        } catch .controlByte {
            throw line == nil ? .notHTTP : .malformedHead
        } catch {
            throw .headTooLarge
        }
    }
}
