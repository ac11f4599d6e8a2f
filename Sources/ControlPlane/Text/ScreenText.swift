/// Lines drawn in place, over those that were drawn before.
package enum ScreenText {
    /// For a terminal that does not know its size.
    private static let usualRows = 24

    /// Home, every line with the rest of its row cleared, then everything below: nothing flickers and nothing scrolls.
    ///
    /// The notice, what a person must know, stands first.
    package static func frame(
        _ lines: [String],
        notice: String?,
        rows: Int,
        isFirst: Bool,
        style: TextStyle
    ) -> String {
        let notices = Paragraph.lines([Phrase(notice ?? "", .bad)], width: style.width, style: style)
        var all = notices + lines
        // The last row stays empty: a line break there would scroll.
        let room = (rows > 0 ? rows : usualRows) - 1
        if all.count > room {
            let more = all.count - max(room - 1, 1)
            let note = Columns.cut("\(style.ellipsis) \(Count.text(more, "line")) more", to: style.width, style)
            all = all.prefix(max(room - 1, 1)) + [note]
        }
        let body = all.map { $0 + "\u{1b}[K\n" }.joined()
        return (isFirst ? "\u{1b}[2J" : "") + "\u{1b}[H" + body + "\u{1b}[J"
    }
}
