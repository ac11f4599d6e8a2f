/// The bytes of a text with its line starts: translates between byte offsets and positions.
///
/// Lines end where libyaml ends them (LF, CR LF, CR, NEL, LS, PS), so that both agree on every line number.
struct SourceText: Sendable {
    /// The bytes after the byte order mark, if there is one.
    let bytes: [UInt8]
    /// Which of the texts that are read together it is.
    let number: Int
    /// The encoding named by a UTF-16 or UTF-32 byte order mark, which libyaml would decode silently.
    let foreignEncoding: String?
    /// The offset of the first byte of every line; always at least one.
    private let lineStarts: [Int]

    init(_ bytes: [UInt8], number: Int = 0) {
        self.number = number
        foreignEncoding = Self.foreignEncoding(of: bytes)
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        var starts = [0]
        var index = 0
        while index < self.bytes.count {
            let width = Self.breakWidth(in: self.bytes, at: index)
            index += max(width, 1)
            if width > 0 { starts.append(index) }
        }
        lineStarts = starts
    }

    /// The position of a byte; a byte inside a character counts as the character after the ones begun before it.
    func position(ofByte offset: Int) -> Position {
        var low = 0
        var high = lineStarts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let before = bytes[lineStarts[low]..<min(offset, bytes.count)]
        let characters = before.count { !Self.isContinuation($0) }
        return Position(source: number, line: low + 1, column: characters + 1)
    }

    /// The byte at a position, absent at and after the end of the text.
    func byte(at position: Position) -> UInt8? {
        guard let offset = offset(of: position), offset < bytes.count else { return nil }
        return bytes[offset]
    }

    /// True when nothing but spaces and tabs stands before the position on its line.
    func isFirstOnLine(_ position: Position) -> Bool {
        guard let offset = offset(of: position) else { return true }
        return bytes[lineStarts[position.line - 1]..<offset].allSatisfy(Self.isBlank)
    }

    /// The first line that starts with `%`; only asked for while no document has begun.
    var firstDirective: Position? {
        guard let start = lineStarts.first(where: { $0 < bytes.count && bytes[$0] == 0x25 }) else { return nil }
        return position(ofByte: start)
    }

    /// The offset of a position, the end of the text when the column is past it, absent when the line is.
    private func offset(of position: Position) -> Int? {
        guard position.line <= lineStarts.count else { return nil }
        var offset = lineStarts[position.line - 1]
        for _ in 1..<position.column {
            guard offset < bytes.count else { break }
            repeat { offset += 1 } while offset < bytes.count && Self.isContinuation(bytes[offset])
        }
        return offset
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func breakWidth(in bytes: [UInt8], at index: Int) -> Int {
        func follows(_ expected: UInt8...) -> Bool { bytes[(index + 1)...].starts(with: expected) }
        return switch bytes[index] {
        case 0x0a: 1
        case 0x0d: follows(0x0a) ? 2 : 1
        case 0xc2: follows(0x85) ? 2 : 0
        case 0xe2: follows(0x80, 0xa8) || follows(0x80, 0xa9) ? 3 : 0
        default: 0
        }
    }

    private static func foreignEncoding(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x00, 0x00, 0xfe, 0xff]) || bytes.starts(with: [0xff, 0xfe, 0x00, 0x00]) {
            return "UTF-32"
        }
        return bytes.starts(with: [0xfe, 0xff]) || bytes.starts(with: [0xff, 0xfe]) ? "UTF-16" : nil
    }
}
