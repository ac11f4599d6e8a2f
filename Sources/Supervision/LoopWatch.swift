/// The watch over one loop: when to ask it whether it lives, and what its silence means.
///
/// ```
/// quiet     due       asked (ping)
/// asked     answer    quiet
///           due       asked (a look whether there is an answer yet), then silent (report);
///                     asked for longer when the watcher itself was late
/// silent    answer    quiet (report)
/// ```
struct LoopWatch: Sendable {
    enum Action: Hashable {
        case ping(UInt64)
        case report(StallReport)
    }

    private enum Phase {
        case quiet(until: Duration)
        case asked(since: Duration, until: Duration, look: Duration)
        case silent(since: Duration)
    }

    /// How often a limit is asked within: a silence is noticed at most a quarter of the limit after it is one.
    private static let questions = 4

    private let name: String
    private let limit: Duration
    private var phase: Phase
    /// Counts the questions, so that an answer given twice counts once.
    private var question: UInt64 = 0

    /// The loop is asked at once.
    init(name: String, limit: Duration, at now: Duration) {
        precondition(.zero < limit, "the limit of `\(name)` is not positive")
        self.name = name
        self.limit = limit
        phase = .quiet(until: now)
    }

    private var interval: Duration { limit / Self.questions }

    /// When `advance` has something to do; nil: not before an answer.
    var due: Duration? {
        switch phase {
        case .quiet(let until): until
        case .asked(_, _, let look): look
        case .silent: nil
        }
    }

    mutating func advance(at now: Duration) -> Action? {
        switch phase {
        case .quiet(let until):
            guard until <= now else { return nil }
            phase = .asked(since: now, until: now + limit, look: now + interval)
            question += 1
            return .ping(question)
        case .asked(let since, let until, let look):
            guard look <= now else { return nil }
            // A watcher that comes late was stopped too (a suspended machine, SIGSTOP): the loop gets another chance.
            if interval < now - look {
                phase = .asked(since: since, until: max(until, now + interval), look: now + interval)
                return nil
            }
            guard until <= now else {
                phase = .asked(since: since, until: until, look: until)
                return nil
            }
            phase = .silent(since: since)
            return .report(.blocked(name: name, silent: now - since))
        case .silent:
            return nil
        }
    }

    mutating func answer(to question: UInt64, at now: Duration) -> StallReport? {
        guard question == self.question else { return nil }
        switch phase {
        case .quiet:
            return nil
        case .asked(let since, _, _):
            phase = .quiet(until: max(now, since + interval))
            return nil
        case .silent(let since):
            phase = .quiet(until: now + interval)
            return .recovered(name: name, after: now - since)
        }
    }
}
