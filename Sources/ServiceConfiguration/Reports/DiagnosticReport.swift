/// Diagnostics in the forms that `supervisor check` prints.
package struct DiagnosticReport {
    /// Lines longer than this are cut around the place that matters.
    private static let lineLimit = 100

    private let diagnostics: [Diagnostic]
    /// The texts of the files that have diagnostics, by path.
    private let texts: [String: SourceText]

    /// `sources` are the files that the diagnostics are about.
    package init(_ diagnostics: [Diagnostic], sources: [Source]) {
        self.diagnostics = diagnostics
        let files = Set(diagnostics.map(\.position.file))
        texts = Dictionary(
            sources.filter { files.contains($0.file) }.map { ($0.file, SourceText($0.bytes)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Each diagnostic with its line of its file and a caret below the place; values that may be secret are masked.
    package var text: String {
        diagnostics.map { "\($0)\n" + excerpt(at: $0.position) }.joined()
    }

    /// One line: `{"diagnostics":[{"file":...,"line":...,"column":...,"message":...}]}`.
    package var json: String {
        let list = diagnostics.map { diagnostic in
            JSONValue.object([
                ("file", .string(diagnostic.position.file)),
                ("line", .integer(diagnostic.position.line)),
                ("column", .integer(diagnostic.position.column)),
                ("message", .string(diagnostic.message)),
            ])
        }
        return JSONValue.object([("diagnostics", .array(list))]).compact + "\n"
    }

    private func excerpt(at position: SourcePosition) -> String {
        guard let source = texts[position.file], let whole = source.line(position.line), !whole.isEmpty else {
            return ""
        }
        let shown = SourceMask(source).visiblePrefix(ofLine: position.line)
        var line = Array(whole.prefix(shown)).map(Self.printable)
        // What is hidden is pointed at where it begins.
        var caret = min(position.column - 1, line.count)
        if shown < whole.count { line += Array("***".unicodeScalars) }
        if line.count > Self.lineLimit {
            let start = max(0, min(caret - Self.lineLimit / 2, line.count - Self.lineLimit))
            let end = start + Self.lineLimit
            let isCut = end < line.count
            line = (start > 0 ? ["…"] : []) + Array(line[start..<end]) + (isCut ? ["…"] : [])
            caret -= start > 0 ? start - 1 : 0
        }
        let number = String(position.line)
        let width = line.prefix(max(0, caret)).reduce(0) { $0 + Self.width($1) }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: line)
        let margin = String(repeating: " ", count: number.count)
        return " \(number) | \(String(text))\n \(margin) | \(String(repeating: " ", count: width))^\n"
    }

    /// A tab takes one column here, and nothing in a file can steer the terminal.
    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\t" ? " " : "\u{FFFD}"
        case .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        case _: scalar
        }
    }

    /// How many columns of a terminal a code point takes.
    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        case _: break
        }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return 2
        case _: return 1
        }
    }
}
