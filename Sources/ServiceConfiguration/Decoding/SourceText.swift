import YAML

/// The lines of a configuration file, for positions inside a scalar and for showing a line in a report.
struct SourceText {
    private let lines: [[Unicode.Scalar]]

    /// Lines end where YAML 1.1 ends them, so that the numbers agree with the parser's.
    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines: [[Unicode.Scalar]] = [[]]
        var previous: Unicode.Scalar?
        for (index, scalar) in text.unicodeScalars.enumerated() {
            switch scalar {
            case "\u{FEFF}" where index == 0: break
            // The second half of CR LF.
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
            case _: lines[lines.count - 1].append(scalar)
            }
            previous = scalar
        }
        self.lines = lines
    }

    /// The line with this number, counted from 1.
    func line(_ number: Int) -> [Unicode.Scalar]? {
        lines.indices.contains(number - 1) ? lines[number - 1] : nil
    }

    /// The place of the code point `offset` of `text`, the scalar that starts at `start`.
    ///
    /// Exact while the source has the very text there (no escapes, one line); otherwise the start.
    func position(of offset: Int, in text: String, at start: Position) -> Position {
        guard let line = line(start.line), start.column - 1 < line.count else { return start }
        let first = line[start.column - 1]
        let skip = first == "\"" || first == "'" ? 1 : 0
        let begin = start.column - 1 + skip
        let wanted = Array(text.unicodeScalars.prefix(offset + 1))
        guard begin + wanted.count <= line.count, Array(line[begin..<begin + wanted.count]) == wanted else {
            return start
        }
        return Position(source: start.source, line: start.line, column: begin + offset + 1)
    }
}
