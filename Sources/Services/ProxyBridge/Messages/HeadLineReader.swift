import NIOCore

/// Cuts the bytes of a head into lines; the result never depends on how the bytes were split into reads.
struct HeadLineReader: Sendable {
    /// What the bytes so far amount to.
    enum Progress: Equatable, Sendable {
        case incomplete
        /// One line, without its CRLF; empty: the end of the head.
        case line([UInt8])
    }

    /// Why the bytes are no head.
    enum Problem: Error, Equatable, Sendable {
        /// LF without CR, CR without LF, NUL or another control byte.
        case controlByte
        case lineTooLong
        case headTooLarge
    }

    private let lineLimit: Int
    private let headLimit: Int
    private var line: [UInt8] = []
    private var sawCarriageReturn = false
    private(set) var bytesRead = 0
    private var linesRead = 0

    /// `lineLimit` is for the first line; the others have the limit of the head.
    init(lineLimit: Int, headLimit: Int = HeadLimits.headBytes) {
        self.lineLimit = lineLimit
        self.headLimit = headLimit
    }

    /// Consumes bytes up to the end of one line.
    mutating func next(_ buffer: inout ByteBuffer) throws(Problem) -> Progress {
        while let byte = buffer.readInteger(as: UInt8.self) {
            bytesRead += 1
            if bytesRead > headLimit { throw .headTooLarge }
            if sawCarriageReturn {
                guard byte == 0x0a else { throw .controlByte }
                return finishLine()
            }
            switch byte {
            case 0x0d: sawCarriageReturn = true
            case 0x00..<0x09, 0x0a..<0x20, 0x7f: throw .controlByte
            case 0x09, 0x20..<0x7f, 0x80...0xff:
                if linesRead == 0, line.count == lineLimit { throw .lineTooLong }
                line.append(byte)
            default: preconditionFailure("every byte is in one of the ranges")
            }
        }
        return .incomplete
    }

    private mutating func finishLine() -> Progress {
        defer {
            line = []
            sawCarriageReturn = false
            linesRead += 1
        }
        return .line(line)
    }

    /// The line of which no end has come yet.
    var unfinishedLine: [UInt8] { line }
}
