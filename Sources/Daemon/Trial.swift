import Planning
import ServiceConfiguration
import Supervision

/// A generation that has yet to prove itself: what ran before is kept until it has.
///
/// Pure. It fails when a service that it changed gives up, or when nobody confirms it although somebody has to.
struct Trial: Sendable {
    /// How long a generation is on trial when nobody says otherwise: longer than it takes to give up by the defaults.
    static let length = Duration.seconds(60)

    /// The generation on trial.
    let generation: UInt64
    /// What runs again when it fails.
    let previous: Intent
    let limit: Duration
    let needsConfirmation: Bool
    /// When the time is over; nil while the load has not settled.
    private(set) var end: ContinuousClock.Instant?
    /// Why it has failed.
    private(set) var failure: String?
    private let changed: Set<ChildID>
    private let groups: Set<String>

    /// - Parameters:
    ///   - commit: Begins the trial.
    ///   - confirmWithin: How long somebody has to confirm it; nil: nobody has to.
    init(of commit: Commit, confirmWithin: Duration?) {
        generation = commit.generation
        previous = commit.previous
        limit = confirmWithin ?? Self.length
        needsConfirmation = confirmWithin != nil
        changed = commit.changed
        let names = Set(commit.changed.map(\.name))
        var groups: Set<String> = []
        // A group comes after those that it contains.
        for group in commit.configuration.groups
        where group.children.contains(where: { names.contains($0) || groups.contains($0) }) {
            groups.insert(group.name)
        }
        self.groups = groups
    }

    /// The names that may not end the daemon meanwhile.
    var names: Set<String> { Set(changed.map(\.name)) }

    /// The load has settled: the time begins.
    mutating func begin(at now: ContinuousClock.Instant) {
        end = now + limit
    }

    /// Takes what happens in the tree.
    ///
    /// - Returns: True when the trial has failed by this, once.
    mutating func fails(by event: SupervisionEvent) -> Bool {
        guard failure == nil else { return false }
        switch event {
        case .gaveUp(let child, let reason) where changed.contains(child):
            failure = "`\(child.name)` gave up: \(reason)"
        case .groupGaveUp(let group, let reason, after: nil) where groups.contains(group):
            failure = "group `\(group)` gave up: \(reason)"
        case .gaveUp, .groupGaveUp, .changed, .crashed, .willRestart, .forced, .unresponsive, .conditionChanged,
            .groupRestarts:
            return false
        }
        return true
    }

    /// The time is over.
    ///
    /// - Returns: True when the trial has failed by this.
    mutating func expires() -> Bool {
        guard failure == nil, needsConfirmation else { return false }
        failure = "nobody confirmed it within \(limit.words)"
        return true
    }
}
