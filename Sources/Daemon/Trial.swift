import Planning
import ServiceConfiguration
import Supervision

/// What has yet to prove itself: what ran before is kept until it has.
///
/// Pure. It fails when a service that it changed gives up, or when nobody confirms it although somebody has to. A load
/// that comes meanwhile goes on with it: an order for another service neither confirms nor ends anything.
struct Trial: Sendable {
    /// How long a generation is on trial when nobody says otherwise: longer than it takes to give up by the defaults.
    static let length = Duration.seconds(60)

    /// The generation that began it; of a confirmation that is waited for, the first.
    let generation: UInt64
    /// What runs again when it fails.
    let previous: Intent
    let limit: Duration
    let needsConfirmation: Bool
    /// When the time is over.
    let end: ContinuousClock.Instant
    /// Why it has failed.
    private(set) var failure: String?
    /// The child that made it fail.
    private var failed: ChildID?
    /// Nobody confirmed it in time; only a confirmation that is asked for anew can change that.
    private var hasExpired = false
    /// How often going back was rejected.
    private var rejections = 0
    /// When going back is tried again; nil: it was not rejected.
    private(set) var nextAttempt: ContinuousClock.Instant?
    /// The children that are on trial.
    let changed: Set<ChildID>
    private let groups: Set<String>

    /// Begins or goes on with a trial.
    ///
    /// - Parameters:
    ///   - commit: What has just been committed.
    ///   - request: Asked for it.
    ///   - last: The trial that is under way.
    ///   - isTried: The commit itself is on trial.
    ///   - now: The time.
    /// - Returns: Nil when nothing is on trial.
    static func after(
        _ commit: Commit,
        _ request: LoadRequest,
        last: Trial?,
        isTried: Bool,
        at now: ContinuousClock.Instant
    ) -> Trial? {
        guard isTried || last != nil else { return nil }
        // What has been replaced or has gone cannot fail any more.
        let kept = (last?.changed ?? []).intersection(commit.children)
        let changed = isTried ? kept.union(commit.changed) : kept
        let isNew = request.confirmWithin != nil || isTried && last?.needsConfirmation != true
        if !isNew, changed.isEmpty, last?.needsConfirmation != true { return nil }
        var trial = Trial(
            generation: isNew ? commit.generation : last?.generation ?? commit.generation,
            previous: last?.previous ?? commit.previous,
            limit: isNew ? request.confirmWithin ?? length : last?.limit ?? length,
            needsConfirmation: request.confirmWithin != nil || last?.needsConfirmation == true,
            end: isNew ? now + (request.confirmWithin ?? length) : last?.end ?? now + length,
            changed: changed,
            groups: Self.groups(of: changed, in: commit.configuration)
        )
        if let failed = last?.failed, changed.contains(failed) {
            (trial.failure, trial.failed) = (last?.failure, failed)
        }
        if let last, last.hasExpired, !isNew {
            (trial.failure, trial.hasExpired, trial.rejections) = (last.failure, true, last.rejections)
        }
        return trial
    }

    private init(
        generation: UInt64,
        previous: Intent,
        limit: Duration,
        needsConfirmation: Bool,
        end: ContinuousClock.Instant,
        changed: Set<ChildID>,
        groups: Set<String>
    ) {
        self.generation = generation
        self.previous = previous
        self.limit = limit
        self.needsConfirmation = needsConfirmation
        self.end = end
        self.changed = changed
        self.groups = groups
    }

    private static func groups(of children: Set<ChildID>, in configuration: Configuration) -> Set<String> {
        let names = Set(children.map(\.name))
        var groups: Set<String> = []
        // A group comes after those that it contains.
        for group in configuration.groups
        where group.children.contains(where: { names.contains($0) || groups.contains($0) }) {
            groups.insert(group.name)
        }
        return groups
    }

    /// What runs again, without what was stopped by hand meanwhile.
    func reversal(from intent: Intent) -> Intent {
        previous.holding(intent.held).declaring(previous.declared)
    }

    /// Takes what happens in the tree.
    ///
    /// - Returns: True when the trial has failed by this, once.
    mutating func fails(by event: SupervisionEvent) -> Bool {
        guard failure == nil else { return false }
        switch event {
        case .gaveUp(let child, let reason) where changed.contains(child):
            failure = "`\(child.name)` gave up: \(reason)"
            failed = child
        case .groupGaveUp(let group, let reason, after: nil) where groups.contains(group):
            failure = "group `\(group)` gave up: \(reason)"
        case .gaveUp, .groupGaveUp, .changed, .crashed, .willRestart, .forced, .unresponsive, .conditionChanged,
            .groupRestarts:
            return false
        }
        return true
    }

    /// Going back is tried again, for what was in its way may go: after a second, then in longer and longer intervals.
    private static let longestPause = Duration.seconds(30)

    /// Takes that going back was rejected.
    ///
    /// - Returns: The time until the next attempt.
    mutating func rejected(at now: ContinuousClock.Instant) -> Duration {
        let pause = min(Duration.seconds(1) * (1 << min(rejections, 5)), Self.longestPause)
        rejections += 1
        nextAttempt = now + pause
        return pause
    }

    /// The time is over.
    ///
    /// - Returns: True when the trial has failed by this.
    mutating func expires() -> Bool {
        guard failure == nil, needsConfirmation else { return false }
        failure = "nobody confirmed it within \(limit.words)"
        hasExpired = true
        return true
    }
}
