/// What the members of all pools have shown of late; a value, to which every time is told.
///
/// Only what an upstream itself is to blame for gets here: a site that is down must not spoil the pool.
struct PoolHealth: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Why a member comes last.
    struct Mark: Hashable, Sendable {
        /// An error type of RFC 9209.
        var word: String
        var since: Instant
        /// When it was met last.
        var last: Instant
        /// When a request last set out to see whether the member works again, or met that it does not.
        var tried: Instant

        /// The member could not be reached; a refused credential is another matter.
        var isDown: Bool { word != FailureAttribution.upstreamAuth.rawValue }
    }

    /// How long a mark holds when nobody tries the member again: it comes last, so perhaps nobody ever would.
    static let memory = Duration.seconds(600)

    /// How often a request tries a member that is down, where no check does; more than a connect takes to fail.
    static let trial = Duration.seconds(30)

    private var marks: [PoolAllocation.Holding: Mark] = [:]
    /// When a member that was given up may be lent like any other.
    private var rests: [PoolAllocation.Holding: Instant] = [:]
    /// When a member is asked next.
    private var checks: [PoolAllocation.Holding: Instant] = [:]

    /// True while there is anything to clear.
    var hasMarks: Bool { !marks.isEmpty }

    /// The same trouble again leaves its beginning.
    mutating func mark(_ holding: PoolAllocation.Holding, _ word: String, at now: Instant) {
        let since = marks[holding].flatMap { $0.word == word ? $0.since : nil } ?? now
        marks[holding] = Mark(word: word, since: since, last: now, tried: now)
    }

    /// The member works.
    mutating func clear(_ holding: PoolAllocation.Holding) {
        marks[holding] = nil
    }

    /// A connection to the member has come about, whatever is heard on it.
    mutating func reach(_ holding: PoolAllocation.Holding) {
        if marks[holding]?.isDown == true { marks[holding] = nil }
    }

    /// Decides which of the members is to be asked now; the first time of each is anywhere in its interval.
    ///
    /// - Parameters:
    ///   - holdings: The members of one pool.
    ///   - interval: Between two times.
    ///   - now: The time.
    ///   - rest: How long the credential of a member must not be shown; nil: it may be.
    ///   - random: From 0 to 1.
    /// - Returns: The one to ask, or how long there is nothing to do.
    mutating func nextCheck(
        of holdings: [PoolAllocation.Holding],
        every interval: Duration,
        at now: Instant,
        rest: (PoolAllocation.Holding) -> Duration? = { _ in nil },
        random: () -> Double
    ) -> (holding: PoolAllocation.Holding?, wait: Duration) {
        var next = now + interval
        for holding in holdings {
            if let rest = rest(holding) {
                next = min(next, now + rest)
                continue
            }
            let due = min(checks[holding] ?? now + interval * random(), now + interval * 1.1)
            guard now < due else {
                checks[holding] = now + interval * (0.9 + 0.2 * random())
                return (holding, .zero)
            }
            checks[holding] = due
            next = min(next, due)
        }
        return (nil, now.duration(to: next))
    }

    /// Somebody gave the member up.
    mutating func rest(_ holding: PoolAllocation.Holding, for cooldown: Duration, at now: Instant) {
        guard .zero < cooldown else { return }
        rests = rests.filter { now < $0.value }
        rests[holding] = now + cooldown
    }

    /// Forgets the marks of members that are others now, or in no pool any more; a rest goes on.
    mutating func keepMarks(where isSame: (PoolAllocation.Holding) -> Bool) {
        marks = marks.filter { isSame($0.key) }
        checks = checks.filter { isSame($0.key) }
    }

    /// Decides whether a request tries a member that is down, although there is another one.
    ///
    /// - Parameters:
    ///   - holding: The member.
    ///   - isChecked: The pool's check does that, so no client has to wait for it.
    ///   - now: The time.
    /// - Returns: True for one request in each interval.
    mutating func beginTrial(of holding: PoolAllocation.Holding, isChecked: Bool, at now: Instant) -> Bool {
        guard !isChecked, let mark = marks[holding], mark.tried + Self.trial <= now else { return false }
        marks[holding]?.tried = now
        return true
    }

    func mark(of holding: PoolAllocation.Holding, at now: Instant) -> Mark? {
        marks[holding].flatMap { now < $0.last + Self.memory ? $0 : nil }
    }

    func condition(of holding: PoolAllocation.Holding, at now: Instant) -> MemberCondition {
        if mark(of: holding, at: now) != nil { return .failed }
        return rests[holding].map { now < $0 } ?? false ? .cooling : .fine
    }
}
