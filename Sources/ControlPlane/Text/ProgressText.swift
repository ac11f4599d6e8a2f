/// How far a reload has come, in one line.
package enum ProgressText {
    /// So many of the services that are waited for are named.
    private static let named = 3

    /// What a client reads that has waited for so many seconds.
    package static func line(_ snapshot: Snapshot, after seconds: Double, style: TextStyle) -> String {
        let draining = snapshot.services.filter { $0.state == "draining" }
        var phrases = [Phrase(snapshot.daemon.load.map(words) ?? "waiting for \(Span.rough(seconds))")]
        if !draining.isEmpty {
            let connections = draining.reduce(0) { $0 + $1.connections }
            phrases.append(
                Phrase("\(Count.text(draining.count, "service")) draining, \(Count.text(connections, "connection"))")
            )
        }
        let text = phrases.map(\.text).joined(separator: style.separator)
        return Columns.cut(text, to: style.width - 1, style)
    }

    /// `settling for 3.2s, waiting for chrome@0, chrome@1 and 2 more`.
    static func words(of load: LoadProgress) -> String {
        let text = "\(load.phase.rawValue) for \(Span.rough(load.seconds))"
        guard !load.waitingFor.isEmpty else { return text }
        let more = load.waitingFor.count - named
        let names = load.waitingFor.prefix(named).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        return text + ", waiting for \(names)"
    }
}
