/// One event of `supervisor events`.
package enum EventText {
    /// Without `wraps` one line whatever its width, for files and other programs.
    package static func lines(_ event: EventRecord, wraps: Bool, style: TextStyle) -> [String] {
        let name = event.service ?? event.group.map { "group \($0)" } ?? "daemon"
        guard wraps else {
            return [[event.at, name, event.text].map { Phrase($0).text }.joined(separator: "  ")]
        }
        let rows = [
            TextTable.Row(
                hang: "    ",
                cells: [.init(event.at, .quiet), .init(name, .strong)],
                details: [Phrase(event.text, colour(of: event))]
            )
        ]
        let head = "\(Phrase(event.at).text)  \(Phrase(name).text)  "
        let text = Phrase(event.text)
        if Columns.width(of: head) + Columns.width(of: text.text) <= style.width {
            let at = style.paint(Phrase(event.at).text, .quiet)
            let painted = style.paint(text.text, colour(of: event))
            return ["\(at)  \(style.paint(Phrase(name).text, .strong))  \(painted)"]
        }
        return TextTable([.init(title: ""), .init(title: "")], rows, style: style).lines
    }

    private static func colour(of event: EventRecord) -> Colour? {
        switch event.kind {
        case .crashed, .gaveUp, .groupGaveUp, .forced, .unresponsive, .lost: .bad
        case .restarts, .groupRestarts, .condition, .shutdown: .busy
        case .state: event.state == "ready" ? .good : nil
        case .balance, .load, .rotated: nil
        }
    }
}
