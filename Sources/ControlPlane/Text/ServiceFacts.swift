/// What is said of a service below its line: its trouble first, then what it holds.
enum ServiceFacts {
    static func phrases(_ service: ServiceStatus) -> [Phrase] {
        trouble(of: service) + possessions(of: service)
    }

    private static func trouble(of service: ServiceStatus) -> [Phrase] {
        var phrases: [Phrase] = []
        if service.stoppedByHand { phrases.append(Phrase("stopped by hand", .busy)) }
        if let next = service.nextRestartSeconds { phrases.append(Phrase("next restart in \(Span.text(next))", .busy)) }
        if !service.waitsFor.isEmpty {
            phrases.append(Phrase("waits for " + service.waitsFor.joined(separator: ", "), .busy))
        }
        if service.condition != .fine {
            let reason = service.conditionReason.map { ": \($0)" } ?? ""
            phrases.append(Phrase(service.condition.rawValue + reason, .bad))
        }
        if let trouble = service.bridge?.trouble { phrases.append(Phrase("upstream: \(trouble)", .bad)) }
        if let error = service.lastError {
            // An error that is over is history.
            let isOver = service.state == "ready" || service.state == "running"
            phrases.append(Phrase("last error: \(error)", isOver ? .quiet : .bad))
        }
        return phrases
    }

    private static func possessions(of service: ServiceStatus) -> [Phrase] {
        var phrases = service.listen.map { Phrase($0) }
        if let target = service.target { phrases.append(Phrase("to \(target)")) }
        if let upstream = service.bridge?.upstream { phrases.append(Phrase("by \(upstream)")) }
        if let pid = service.pid { phrases.append(Phrase("pid \(pid)")) }
        if !service.essential { phrases.append(Phrase("not essential", .quiet)) }
        return phrases
    }
}
