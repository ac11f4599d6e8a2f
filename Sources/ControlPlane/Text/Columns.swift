/// How many columns of a terminal text takes, and text cut or filled to columns.
enum Columns {
    /// The blocks whose characters are two columns wide, beside those that are shown as emoji (UAX 11).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
        0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60,
        0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd,
    ]

    static func width(of text: some StringProtocol) -> Int {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        return isASCII ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
    }

    static func width(of character: Character) -> Int {
        // A selector after a sign asks for its emoji, which is wide.
        if character.unicodeScalars.contains("\u{fe0f}") { return 2 }
        return character.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        case _: break
        }
        let isWide = scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
        return isWide ? 2 : 1
    }

    /// The longest beginning of at least one character that fits, and the rest.
    static func split(_ text: Substring, at columns: Int) -> (head: Substring, tail: Substring) {
        var used = 0
        var index = text.startIndex
        while index < text.endIndex {
            let next = width(of: text[index])
            if used + next > columns, index > text.startIndex { break }
            used += next
            index = text.index(after: index)
        }
        return (text[..<index], text[index...])
    }

    /// The text, or its beginning with a sign that something is missing.
    static func cut(_ text: String, to columns: Int, _ style: TextStyle) -> String {
        guard width(of: text) > columns else { return text }
        let room = max(1, columns - width(of: style.ellipsis))
        return split(text[...], at: room).head + style.ellipsis
    }
}
