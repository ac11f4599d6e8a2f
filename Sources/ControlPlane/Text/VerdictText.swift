/// The answer to a reload, a confirmation or an order.
package struct VerdictText {
    private let verdict: VerdictDocument
    private let style: TextStyle

    package init(_ verdict: VerdictDocument, style: TextStyle) {
        self.verdict = verdict
        self.style = style
    }

    package var lines: [String] {
        outcome + verdict.errors.map { Phrase($0.text).text } + steps + unready + drain + trial
    }

    private var isGood: Bool { verdict.exitCode == 0 }

    private var outcome: [String] {
        // The summary of a rejection is its first error, which follows with all the others.
        let summary =
            verdict.errors.isEmpty
            ? verdict.summary : "\(verdict.outcome): \(Count.text(verdict.errors.count, "error"))"
        let text = summary.isEmpty ? verdict.outcome : summary
        return paragraph([
            Phrase(text, isGood ? (verdict.unready.isEmpty ? .good : .busy) : .bad),
            Phrase("generation \(verdict.generation)"),
        ])
    }

    /// What changed, by step; what was kept is counted in the summary.
    private var steps: [String] {
        guard verdict.errors.isEmpty else { return [] }
        let order = ["restart", "adopt", "start", "stop", "apply"]
        let lines = order.flatMap { step in
            let names = verdict.plan.filter { $0.step == step }.map(\.service)
            return names.isEmpty ? [] : paragraph([Phrase("\(step) " + Self.list(names))])
        }
        let settings = verdict.settings.isEmpty ? [] : paragraph([Phrase("settings " + Self.list(verdict.settings))])
        return lines + settings
    }

    private static func list(_ names: [String]) -> String {
        let named = 20
        let more = names.count - named
        return names.prefix(named).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private var unready: [String] {
        verdict.unready.flatMap { entry in
            paragraph([
                Phrase("not ready: \(entry.service) is \(entry.state)" + (entry.reason.map { ": \($0)" } ?? ""), .bad)
            ])
        }
    }

    private var drain: [String] {
        guard let drain = verdict.draining, drain.services > 0 else { return [] }
        let connections = Count.text(drain.connections, "connection")
        return paragraph([
            Phrase("still draining: \(Count.text(drain.services, "service")) with \(connections)", .busy)
        ])
    }

    private var trial: [String] {
        guard let trial = verdict.probation else { return [] }
        let words =
            trial.needsConfirmation
            ? "confirm within \(Span.rough(trial.remainingSeconds)): supervisor confirm" : TrialText.words(of: trial)
        return paragraph([Phrase(words, .busy)])
    }

    private func paragraph(_ phrases: [Phrase]) -> [String] {
        Paragraph.hanging(phrases, style: style)
    }
}
