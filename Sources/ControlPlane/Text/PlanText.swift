/// The answer of `supervisor plan`: what a reload would do to each service, and why.
package struct PlanText {
    private let verdict: VerdictDocument
    private let showsAll: Bool
    private let style: TextStyle

    /// With `showsAll` also the services that a reload does not touch.
    package init(_ verdict: VerdictDocument, showsAll: Bool, style: TextStyle) {
        self.verdict = verdict
        self.showsAll = showsAll
        self.style = style
    }

    package var lines: [String] {
        guard verdict.errors.isEmpty else { return VerdictText(verdict, style: style).lines }
        let changes = verdict.plan.filter { showsAll || $0.step != "keep" }
        let width = changes.map(\.step.count).max() ?? 0
        let rows = changes.map { step in
            let padding = String(repeating: " ", count: width - step.step.count)
            return TextTable.Row(
                hang: "    ",
                cells: [.init("\(step.step)\(padding)  \(step.service)", Self.colour(of: step))],
                details: Self.details(of: step)
            )
        }
        let kept = verdict.plan.count - changes.count
        let settings = verdict.settings.joined(separator: ", ")
        var lines = TextTable([.init(title: "")], rows, style: style).lines
        if !settings.isEmpty {
            lines += Paragraph.lines([Phrase("settings \(settings)", .busy)], width: style.width, style: style)
        }
        if kept > 0 { lines.append("\(kept) unchanged") }
        return lines.isEmpty ? ["nothing to do"] : lines
    }

    private static func place(of step: VerdictDocument.Step) -> String {
        guard let file = step.file else { return "" }
        return file + (step.line.map { ":\($0)" } ?? "")
    }

    private static func details(of step: VerdictDocument.Step) -> [Phrase] {
        var phrases = [Phrase(place(of: step), .quiet)] + step.causes.map { Phrase($0) }
        if let connections = step.endsConnections, connections > 0 {
            phrases.append(Phrase("ends \(Count.text(connections, "connection"))", .bad))
        }
        if let process = step.endsProcess { phrases.append(Phrase("ends process \(process)", .bad)) }
        return phrases
    }

    private static func colour(of step: VerdictDocument.Step) -> Colour? {
        switch step.step {
        case "start", "adopt": .good
        case "restart", "apply": .busy
        case "stop": .bad
        case _: .quiet
        }
    }
}
