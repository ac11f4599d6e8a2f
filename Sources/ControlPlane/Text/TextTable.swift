/// Rows of cells below titles; a column that a narrow terminal has no room for goes into the lines below its row.
struct TextTable {
    /// A column; `rank` says how early it gives way: 0 never, then the highest first.
    struct Column {
        var title: String
        var rank = 0
        var isRight = false
    }

    /// A cell, and how a line below says it when its column has given way; without words it is left out then.
    struct Cell {
        var phrase: Phrase
        var words: String?

        init(_ text: String, _ colour: Colour? = nil, words: String? = nil) {
            phrase = Phrase(text, colour)
            self.words = words
        }
    }

    /// A row with what stands below it; the first cell is the name.
    struct Row {
        /// What is drawn in front of the first line, and in front of those below.
        var lead = ""
        var hang = "  "
        var cells: [Cell]
        /// What stands below before the cells that have given way, and what after.
        var details: [Phrase] = []
        var notes: [Phrase] = []
    }

    private static let gap = 2
    /// The first column gets so many columns before another column may stay.
    private static let leastName = 16

    private let columns: [Column]
    private let rows: [Row]
    private let style: TextStyle
    private var shown: [Int]
    private var widths: [Int]

    init(_ columns: [Column], _ rows: [Row], style: TextStyle) {
        self.columns = columns
        self.rows = rows
        self.style = style
        shown = Array(columns.indices)
        widths = columns.indices.map { column in
            let cells = rows.lazy.filter { $0.cells.count > 1 && column < $0.cells.count }.map { row in
                Columns.width(of: row.cells[column].phrase.text)
                    + (column == 0 ? Columns.width(of: row.lead) : 0)
            }
            let content = cells.max() ?? 0
            // A column in which nothing stands needs no title.
            return content == 0 ? 0 : max(content, Columns.width(of: columns[column].title))
        }
        shown.removeAll { $0 > 0 && widths[$0] == 0 }
        fit()
    }

    /// Takes columns away until the names have enough room, then gives the names what is left.
    private mutating func fit() {
        while rest + min(widths[0], Self.leastName) > style.width {
            guard let victim = shown.max(by: { columns[$0].rank < columns[$1].rank }), columns[victim].rank > 0 else {
                break
            }
            shown.removeAll { $0 == victim }
        }
        widths[0] = max(1, min(widths[0], style.width - rest))
    }

    /// What the columns beside the first take.
    private var rest: Int { shown.dropFirst().reduce(0) { $0 + Self.gap + widths[$1] } }

    var lines: [String] {
        let titles = columns.map { Cell($0.title, .quiet) }
        let hasTitles = titles.contains { !$0.phrase.text.isEmpty }
        return (hasTitles ? line(lead: "", titles) : []) + rows.flatMap(lines)
    }

    private func lines(of row: Row) -> [String] {
        let hidden = row.cells.indices.filter { !shown.contains($0) }.compactMap { index in
            row.cells[index].words.map { Phrase($0, row.cells[index].phrase.colour) }
        }
        let below = Paragraph.lines(
            row.details + hidden + row.notes,
            width: style.width - Columns.width(of: row.hang),
            style: style
        )
        return line(lead: row.lead, hang: row.hang, row.cells) + below.map { style.paint(row.hang, .quiet) + $0 }
    }

    /// One line, or more when the name does not fit into its column.
    private func line(lead: String, hang: String = "", _ cells: [Cell]) -> [String] {
        let name = cells[0].phrase
        let leadWidth = Columns.width(of: lead)
        let nameWidth = leadWidth + Columns.width(of: name.text)
        let others = shown.dropFirst().filter { $0 < cells.count }
        let painted = names(lead: lead, hang: hang, name)
        guard others.contains(where: { !cells[$0].phrase.text.isEmpty }) else { return painted }
        let values = others.map { (column: $0, phrase: cells[$0].phrase) }
        if nameWidth <= widths[0] {
            let fill = String(repeating: " ", count: widths[0] - nameWidth)
            return [painted.joined() + fill + text(of: values, from: widths[0])]
        }
        let start = max(widths[0], Columns.width(of: hang))
        let fill = String(repeating: " ", count: start - Columns.width(of: hang))
        return painted + [style.paint(hang, .quiet) + fill + text(of: values, from: start)]
    }

    /// The name, in several lines when it is longer than one: nobody can order what is called `the-serv…`.
    private func names(lead: String, hang: String, _ name: Phrase) -> [String] {
        var lines: [String] = []
        var rest = name.text[...]
        repeat {
            let mark = lines.isEmpty ? lead : hang
            let (head, tail) = Columns.split(rest, at: style.width - Columns.width(of: mark))
            lines.append(style.paint(mark, .quiet) + style.paint(String(head), name.colour))
            rest = tail
        } while !rest.isEmpty
        return lines
    }

    private func text(of cells: [(column: Int, phrase: Phrase)], from start: Int) -> String {
        var text = ""
        var blanks = 0
        var used = start
        for (column, phrase) in cells {
            let padding = max(0, widths[column] - Columns.width(of: phrase.text))
            blanks += Self.gap + (columns[column].isRight ? padding : 0)
            let room = style.width - used - blanks
            if !phrase.text.isEmpty, room > 0 {
                let cut = Columns.cut(phrase.text, to: room, style)
                text += String(repeating: " ", count: blanks) + style.paint(cut, phrase.colour)
                used += blanks + Columns.width(of: cut)
                blanks = 0
            }
            if !columns[column].isRight { blanks += padding }
        }
        return text
    }
}
