/// Facts in lines: a fact is broken only when it does not fit into a line of its own.
struct Paragraph {
    /// So many lines say enough of one error; the JSON has it whole.
    private static let lineLimit = 6

    private let width: Int
    private let style: TextStyle
    private var lines: [String] = []
    /// The line so far, in pieces of one colour.
    private var line: [(text: String, colour: Colour?)] = []
    private var used = 0

    private init(width: Int, style: TextStyle) {
        self.width = max(width, 1)
        self.style = style
    }

    /// The lines for a width, which may be less than that of the terminal.
    static func lines(_ phrases: [Phrase], width: Int, style: TextStyle) -> [String] {
        var paragraph = Paragraph(width: width, style: style)
        for phrase in phrases where !phrase.text.isEmpty { paragraph.add(phrase) }
        paragraph.endLine()
        return paragraph.lines
    }

    /// The lines for the whole terminal; all but the first are set back.
    static func hanging(_ phrases: [Phrase], style: TextStyle) -> [String] {
        lines(phrases, width: style.width - 2, style: style).enumerated().map { ($0 == 0 ? "" : "  ") + $1 }
    }

    private mutating func add(_ phrase: Phrase) {
        let length = Columns.width(of: phrase.text)
        let gap = used == 0 ? 0 : Columns.width(of: style.separator)
        if used + gap + length <= width {
            append(gap == 0 ? "" : style.separator, .quiet)
            append(phrase.text, phrase.colour)
            return
        }
        endLine()
        guard length > width else { return append(phrase.text, phrase.colour) }
        let last = lines.count + Self.lineLimit
        for word in phrase.text.split(separator: " ", omittingEmptySubsequences: false) {
            add(word: word, phrase.colour, until: last)
            guard lines.count < last else {
                line = []
                used = 0
                return append(style.ellipsis, .quiet)
            }
        }
    }

    private mutating func add(word: Substring, _ colour: Colour?, until last: Int) {
        let gap = used == 0 ? 0 : 1
        if used + gap + Columns.width(of: word) > width { endLine() } else if gap > 0 { append(" ", colour) }
        var rest = word
        while Columns.width(of: rest) > width, lines.count < last {
            let (head, tail) = Columns.split(rest, at: width)
            append(String(head), colour)
            endLine()
            rest = tail
        }
        append(String(rest), colour)
    }

    private mutating func append(_ text: String, _ colour: Colour?) {
        used += Columns.width(of: text)
        if let last = line.indices.last, line[last].colour == colour {
            line[last].text += text
        } else {
            line.append((text, colour))
        }
    }

    private mutating func endLine() {
        if used > 0 { lines.append(line.map { style.paint($0.text, $0.colour) }.joined()) }
        line = []
        used = 0
    }
}
