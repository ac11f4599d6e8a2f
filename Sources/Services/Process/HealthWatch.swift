import ServiceConfiguration

/// The health of a ready program: how many checks in a row were good or bad, and when the next one is due.
struct HealthWatch: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        case pausing(until: Duration)
        case asking(number: Int)
    }

    enum Change: Hashable, Sendable {
        case becameUnhealthy(String)
        case recovered
    }

    let settings: HealthSettings
    var phase: Phase
    private(set) var isHealthy = true
    private var good = 0
    private var bad = 0

    /// The first check comes one interval after the program was ready.
    init(_ settings: HealthSettings, at now: Duration) {
        self.settings = settings
        phase = .pausing(until: now + settings.interval)
    }

    var due: Duration? {
        switch phase {
        case .pausing(let until): until
        case .asking: nil
        }
    }

    /// Counts an answer; the next check comes one interval later.
    mutating func record(_ result: ProbeResult, at now: Duration) -> Change? {
        phase = .pausing(until: now + settings.interval)
        switch result {
        case .good:
            bad = 0
            good += 1
            guard !isHealthy, settings.successes <= good else { return nil }
            isHealthy = true
            return .recovered
        case .bad(let problem):
            good = 0
            bad += 1
            guard isHealthy, settings.failures <= bad else { return nil }
            isHealthy = false
            return .becameUnhealthy(problem)
        }
    }
}
