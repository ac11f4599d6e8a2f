import NIOCore

/// Takes the chunked coding off a body, strictly: CRLF only, hexadecimal sizes, bounded extensions and trailers.
struct ChunkedDecoder: Sendable {
    struct Malformed: Error, Equatable, Sendable {}

    /// What comes next out of the body.
    enum Part: Equatable, Sendable {
        case data(ByteBuffer)
        case end(trailers: [HeadField])
    }

    private enum State: Equatable {
        case size(value: Int, digits: Int)
        case extensions(value: Int, count: Int)
        case sizeLineFeed(value: Int)
        case data(remaining: Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailers
        case done
    }

    private static let noSize = State.size(value: 0, digits: 0)
    /// 15 digits fit an Int and are more than anybody sends.
    private static let sizeDigits = 15

    private var state = ChunkedDecoder.noSize
    private var lines = HeadLineReader(lineLimit: HeadLimits.trailerBytes, headLimit: HeadLimits.trailerBytes)
    private var trailers: [HeadField] = []

    /// - Returns: nil when more bytes are needed.
    mutating func next(_ buffer: inout ByteBuffer) throws(Malformed) -> Part? {
        while true {
            switch state {
            case .data(let remaining):
                let length = min(remaining, buffer.readableBytes)
                guard 0 < length, let slice = buffer.readSlice(length: length) else { return nil }
                state = length == remaining ? .dataCarriageReturn : .data(remaining: remaining - length)
                return .data(slice)
            case .trailers:
                guard try readTrailers(&buffer) else { return nil }
                state = .done
                return .end(trailers: trailers)
            case .done:
                return nil
            case .size, .extensions, .sizeLineFeed, .dataCarriageReturn, .dataLineFeed:
                guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
                state = try after(byte)
            }
        }
    }

    private func after(_ byte: UInt8) throws(Malformed) -> State {
        switch (state, byte) {
        case (.size(let value, let digits), 0x0d) where 0 < digits: return .sizeLineFeed(value: value)
        case (.size(let value, let digits), UInt8(ascii: ";")) where 0 < digits:
            return .extensions(value: value, count: 0)
        case (.size(let value, let digits), _):
            guard digits < ChunkedDecoder.sizeDigits, let digit = ChunkedDecoder.hexValue(byte) else { break }
            return .size(value: value << 4 | digit, digits: digits + 1)
        case (.extensions(let value, _), 0x0d): return .sizeLineFeed(value: value)
        case (.extensions(let value, let count), _):
            guard count < HeadLimits.chunkExtensionBytes, byte == 0x09 || 0x20 <= byte, byte != 0x7f else { break }
            return .extensions(value: value, count: count + 1)
        case (.sizeLineFeed(let value), 0x0a): return value == 0 ? .trailers : .data(remaining: value)
        case (.dataCarriageReturn, 0x0d): return .dataLineFeed
        case (.dataLineFeed, 0x0a): return ChunkedDecoder.noSize
        case (.sizeLineFeed, _), (.dataCarriageReturn, _), (.dataLineFeed, _): break
        case (.data, _), (.trailers, _), (.done, _): preconditionFailure("these states read more than one byte")
        }
        throw Malformed()
    }

    private static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x41 + 10)
        case 0x61...0x66: Int(byte - 0x61 + 10)
        default: nil
        }
    }

    private mutating func readTrailers(_ buffer: inout ByteBuffer) throws(Malformed) -> Bool {
        do {
            while case .line(let bytes) = try lines.next(&buffer) {
                if bytes.isEmpty { return true }
                guard let field = HeadField(line: bytes), trailers.count < HeadLimits.fields else { throw Malformed() }
                trailers.append(field)
            }
            return false
        } catch {
            throw Malformed()
        }
    }
}
