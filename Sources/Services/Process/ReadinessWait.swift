/// The wait for a program to become ready: a deadline, and for some facts probes that come more and more seldom.
struct ReadinessWait: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Nothing is asked: the program tells by itself.
        case listening
        case pausing(until: Duration)
        case asking(number: Int)
    }

    /// Most programs are ready within milliseconds, so the first pause is short.
    private static let firstPause = Duration.milliseconds(25)
    /// A program that needs long is found ready at most this late.
    private static let longestPause = Duration.seconds(1)
    /// One attempt may take this long: an answer that waits for a slow start counts, one that never comes does not
    /// use up all the time.
    static let attemptLimit = Duration.seconds(5)

    let deadline: Duration
    var phase = Phase.listening
    /// What was wrong with the last answer.
    private(set) var problem: String?
    private var pause = ReadinessWait.firstPause

    init(deadline: Duration) {
        self.deadline = deadline
    }

    var due: Duration {
        switch phase {
        case .listening, .asking: deadline
        case .pausing(let until): min(until, deadline)
        }
    }

    /// A probe was not good: the next one comes after a pause.
    mutating func record(_ problem: String, at now: Duration) {
        self.problem = problem
        phase = .pausing(until: now + pause)
        pause = min(pause * 2, Self.longestPause)
    }
}
