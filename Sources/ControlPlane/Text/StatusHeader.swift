/// What stands above the tree: the daemon, how many services are in which state, the last load, the trial.
struct StatusHeader {
    private let snapshot: Snapshot
    private let style: TextStyle

    init(_ snapshot: Snapshot, style: TextStyle) {
        self.snapshot = snapshot
        self.style = style
    }

    var lines: [String] {
        [daemon, readiness, load, trial, lastLoad].flatMap { Paragraph.hanging($0, style: style) }
    }

    private var daemon: [Phrase] {
        let daemon = snapshot.daemon
        let colour: Colour? = daemon.state == .serving ? (daemon.ready ? .good : .bad) : .busy
        return [
            Phrase("supervisor \(daemon.version)", .strong), Phrase(daemon.state.rawValue, colour),
            Phrase(daemon.generation == 0 ? "nothing committed" : "generation \(daemon.generation)"),
            Phrase("up \(Span.text(daemon.uptimeSeconds))"), Phrase("pid \(daemon.pid)"),
            Phrase(daemon.configuration, .quiet),
        ]
    }

    private var readiness: [Phrase] {
        let daemon = snapshot.daemon
        let ready =
            daemon.ready
            ? Phrase("ready", .good) : Phrase("not ready" + (daemon.unreadyReason.map { ": \($0)" } ?? ""), .bad)
        let current = snapshot.services.filter(\.current)
        var states: [(state: String, count: Int)] = []
        for service in current {
            if let index = states.firstIndex(where: { $0.state == service.state }) {
                states[index].count += 1
            } else {
                states.append((service.state, 1))
            }
        }
        let counts = states.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
        let drained = snapshot.services.count - current.count
        return [
            ready,
            Phrase(Count.text(current.count, "service") + (counts.isEmpty ? "" : ": \(counts)")),
            Phrase(drained == 0 ? "" : "\(drained) of earlier generations", .busy),
        ]
    }

    private var load: [Phrase] {
        snapshot.daemon.load.map { [Phrase("load under way: \(ProgressText.words(of: $0))", .busy)] } ?? []
    }

    private var trial: [Phrase] {
        snapshot.daemon.probation.map { [Phrase(TrialText.words(of: $0), .busy)] } ?? []
    }

    private var lastLoad: [Phrase] {
        guard let last = snapshot.loads.last else { return [] }
        let isGood = ["applied", "unchanged"].contains(last.verdict.outcome)
        let verdict = last.verdict.summary.isEmpty ? last.verdict.outcome : last.verdict.summary
        return [
            Phrase("last load \(last.at)", .quiet), Phrase("by \(last.cause.rawValue)", .quiet),
            Phrase(verdict, isGood ? nil : .bad),
        ]
    }
}
