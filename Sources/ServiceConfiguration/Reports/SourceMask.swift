/// Decides how much of a source line may be shown.
///
/// It works on lines, not on nodes, because the text may not even be YAML; in doubt it hides. What follows a key that
/// is secret, looks like one, or is not known at all, is hidden to the end of the line.
struct SourceMask {
    /// A `key:` on a line, with the indices of its first code point and of its value's first.
    private struct KeyMark {
        var name: String
        var start: Int
        var value: Int
    }

    /// Nobody writes longer lines by hand; of others only the beginning is looked at and can be shown.
    private static let lineLimit = 4096

    private static let keys = SchemaKeys(Schema.root)

    private let source: SourceText

    init(_ source: SourceText) {
        self.source = source
    }

    /// The number of code points of a line that may be shown.
    func visiblePrefix(ofLine number: Int) -> Int {
        guard let whole = source.line(number) else { return 0 }
        let line = Array(whole.prefix(Self.lineLimit))
        let isCut = line.count < whole.count
        let indent = line.prefix { $0 == " " }.count
        let isItem = isItem(line)
        if isBelowSecret(line: number, indent: indent, isItem: isItem) { return indent }
        if isItem, isStrayItem(line: number) { return indent }
        let marks = Self.marks(of: line)
        return min(visible(line, indent: indent, marks: marks, isCut: isCut), Self.strayKey(in: line, marks: marks))
    }

    private func visible(_ line: [Unicode.Scalar], indent: Int, marks: [KeyMark], isCut: Bool) -> Int {
        guard let first = marks.first else {
            guard !isCut else { return indent }
            return isItem(line) || line.count == indent ? hidingURLs(line, marks: marks, upTo: line.count) : indent
        }
        // Something before the first key that is no indentation, dash or bracket is the rest of another value.
        let lead = line[indent..<first.start]
        guard lead.allSatisfy({ " \t-{[\"'?".unicodeScalars.contains($0) }) else { return indent }
        for (index, mark) in marks.enumerated() where hides(mark, in: line, isLast: index == marks.count - 1) {
            return hidingURLs(line, marks: marks, upTo: mark.value)
        }
        // What comes after the cut may show that a URL began before it.
        if isCut { return hidingURLs(line, marks: marks, upTo: marks.last?.value ?? indent) }
        return hidingURLs(line, marks: marks, upTo: line.count)
    }

    /// Where a word ends that is a secret key but has lost its colon, with something after it; otherwise the line's end.
    private static func strayKey(in line: [Unicode.Scalar], marks: [KeyMark]) -> Int {
        var start = 0
        while let begin = line[start...].firstIndex(where: isNameScalar) {
            let end = line[begin...].firstIndex { !isNameScalar($0) } ?? line.count
            start = end
            guard !marks.contains(where: { $0.start == begin }), line[end...].contains(where: isNameScalar) else {
                continue
            }
            var word = String.UnicodeScalarView()
            word.append(contentsOf: line[begin..<end])
            if keys.isKnown(String(word)), keys.isSecret(String(word)) { return end }
        }
        return line.count
    }

    /// True for an item of a list below a secret key, wherever a mistake has moved it.
    private func isStrayItem(line number: Int) -> Bool {
        var above = number - 1
        while let line = source.line(above) {
            defer { above -= 1 }
            guard let first = line.first(where: { $0 != " " }), first != "#", !isItem(line) else { continue }
            guard line.count <= Self.lineLimit else { return true }
            if let last = Self.marks(of: line).last { return Self.keys.isSecret(last.name) }
        }
        return false
    }

    private func hides(_ mark: KeyMark, in line: [Unicode.Scalar], isLast: Bool) -> Bool {
        if Self.keys.isSecret(mark.name) { return true }
        guard !Self.keys.isKnown(mark.name), mark.value < line.count else { return false }
        switch line[mark.value] {
        // A definition under a free name: its own keys decide.
        case "{": return isLast && !line[mark.value...].allSatisfy { "{} ".unicodeScalars.contains($0) }
        case "#": return false
        case _: return true
        }
    }

    /// A URL may carry a credential wherever it stands.
    private func hidingURLs(_ line: [Unicode.Scalar], marks: [KeyMark], upTo end: Int) -> Int {
        let visible = line[..<end]
        let at = visible.firstIndex(of: "@") ?? end
        let scheme = visible.indices.first { visible[$0...].starts(with: "://".unicodeScalars) } ?? end
        let place = min(at, scheme)
        guard place < end else { return end }
        return marks.last { $0.value <= place }?.value ?? line.prefix { $0 == " " || $0 == "-" }.count
    }

    /// True when a key above, of which the line is a part, is secret.
    private func isBelowSecret(line number: Int, indent: Int, isItem: Bool) -> Bool {
        var limit = isItem ? indent + 1 : indent
        var above = number - 1
        while limit > 0, let line = source.line(above) {
            defer { above -= 1 }
            let indent = line.prefix { $0 == " " }.count
            guard indent < limit, indent < line.count, line[indent] != "#" else { continue }
            guard line.count <= Self.lineLimit else { return true }
            limit = self.isItem(line) ? indent + 1 : indent
            if let last = Self.marks(of: line).last, Self.keys.isSecret(last.name) || isUnknownScalar(last, in: line) {
                return true
            }
        }
        return false
    }

    /// True for an unknown key whose value has begun on its line and may go on below.
    private func isUnknownScalar(_ mark: KeyMark, in line: [Unicode.Scalar]) -> Bool {
        !Self.keys.isKnown(mark.name) && mark.value < line.count && !"{[#".unicodeScalars.contains(line[mark.value])
    }

    private func isItem(_ line: [Unicode.Scalar]) -> Bool {
        line.drop { $0 == " " }.first == "-"
    }

    private static func marks(of line: [Unicode.Scalar]) -> [KeyMark] {
        var marks: [KeyMark] = []
        for colon in line.indices where line[colon] == ":" {
            let isEnd = colon + 1 == line.count
            guard
                isEnd || " \t".unicodeScalars.contains(line[colon + 1])
                    || (colon > 0 && "\"'".unicodeScalars.contains(line[colon - 1]))
            else {
                continue
            }
            let name = line[..<colon].reversed().drop { " \"'".unicodeScalars.contains($0) }.prefix(while: isNameScalar)
            guard !name.isEmpty else { continue }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: name.reversed())
            let before = line[..<colon].lastIndex { isNameScalar($0) } ?? colon
            let value = line[(colon + 1)...].firstIndex { $0 != " " && $0 != "\t" } ?? line.count
            marks.append(KeyMark(name: String(view), start: before - name.count + 1, value: value))
        }
        return marks
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_-.".unicodeScalars.contains(scalar)
    }
}
