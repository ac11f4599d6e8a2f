/// Decides what a supervisor does next: a value without clock, tasks, services or I/O.
///
/// The root is one-for-one: a crash restarts only the child that crashed. A group is a node of the same value; what
/// it restarts together is a `Round`. Names in `requires` mean the newest generation of that name. Every event is
/// answered with actions in the order in which they are to be done.
struct SupervisorCore: Sendable {
    enum Phase: Sendable {
        case supervising
        case shuttingDown
        case ended
    }

    /// A change whose children have not all settled.
    struct PendingChange: Sendable {
        var waiting: Set<ChildID>
        var reached: [ChildID: ChildState]
    }

    /// Work that one event causes; a queue instead of recursion, since a chain of requirements may be long.
    enum Step: Sendable {
        case feed(Child.Input, ChildID)
        case startIfPossible(ChildID)
        case stopIfPossible(ChildID)
        /// What waits for this child cannot start soon.
        case postpone(ChildID)
        /// Everything that this round covers is down.
        case release(Int)
    }

    var phase = Phase.supervising
    var children: [ChildID: Child] = [:]
    /// The generations of each name, oldest first.
    var generations: [String: [ChildID]] = [:]
    /// Who requires a name, in start order.
    var dependents: [String: [ChildID]] = [:]
    var lastSequence = 0
    /// How many children are not over.
    var living = 0
    /// How many children are draining.
    var draining = 0
    /// Unwanted children that wait for their dependents to stop.
    var waitingToStop: Set<ChildID> = []
    var changes: [Int: PendingChange] = [:]
    var changeOfChild: [ChildID: Int] = [:]
    var groups: [String: Group] = [:]
    /// The group of each member; what is not in it belongs to the root.
    var parents: [String: String] = [:]
    var rounds: [Int: Round] = [:]
    /// The round that covers a child, or that a group starts anew with, by name.
    var roundOf: [String: Int] = [:]
    var lastRound = 0
    var lastGroupTimer = 0
    /// The child or the group of the root that gave up.
    var escalation: (name: String, reason: String)?
    /// Names of children that may not end the root for now.
    var onTrial: Set<String> = []
    /// What would have ended the root, were it not for a trial; the first one counts.
    var heldEscalation: (name: String, reason: String)?
    /// Whom the shutdown forced, in that order, each once.
    var forced: [ChildID] = []
    var forcedChildren: Set<ChildID> = []
    var hasLimit = false

    var steps: [Step] = []
    var actions: [CoreAction] = []

    init() {}

    /// Takes one event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: The time since the supervisor's start.
    ///   - random: Uniform in 0..<1, for the jitter of a restart that this event may cause.
    /// - Returns: What is to be done, in order.
    mutating func handle(_ event: CoreEvent, at now: Duration, random: Double) -> [CoreAction] {
        switch (phase, event) {
        case (.supervising, .apply(let change)): apply(change, at: now)
        case (.shuttingDown, .apply(let change)): refuse(change)

        case (.supervising, .shutDown(let limit)), (.shuttingDown, .shutDown(let limit)):
            beginShutDown()
            setLimit(limit)
        case (.supervising, .force), (.shuttingDown, .force):
            beginShutDown()
            forceAll()

        case (.supervising, .prepared(let id)), (.shuttingDown, .prepared(let id)):
            steps.append(.feed(.prepared, id))
        case (.supervising, .ready(let id)), (.shuttingDown, .ready(let id)):
            steps.append(.feed(.ready, id))
        case (.supervising, .exited(let id)), (.shuttingDown, .exited(let id)):
            steps.append(.feed(.exited, id))
        case (.supervising, .crashed(let id, let error)), (.shuttingDown, .crashed(let id, let error)):
            steps.append(.feed(.crashed(error), id))
        case (.supervising, .cut(let id, let lines)), (.shuttingDown, .cut(let id, let lines)):
            recordCut(id, lines)
        case (.supervising, .condition(let id, let condition)), (.shuttingDown, .condition(let id, let condition)):
            guard children[id]?.takes(condition) == true else { break }
            actions.append(.report(.conditionChanged(id, condition)))
        case (.supervising, .fired(let timer)), (.shuttingDown, .fired(let timer)): fire(timer)

        case (.supervising, .endTrial), (.shuttingDown, .endTrial): endTrial(at: now, random: random)

        case (.supervising, .answerChanges), (.shuttingDown, .answerChanges): settleAll()

        case (.ended, .apply), (.ended, .shutDown), (.ended, .force), (.ended, .prepared), (.ended, .ready),
            (.ended, .exited), (.ended, .crashed), (.ended, .cut), (.ended, .condition), (.ended, .fired),
            (.ended, .endTrial), (.ended, .answerChanges):
            return []
        }
        work(at: now, random: random)
        endIfOver()
        defer { actions = [] }
        return actions
    }

    /// The state of every child, in start order.
    func statuses(at now: Duration) -> [ChildStatus] {
        children.values.sorted { $0.sequence < $1.sequence }.map { child in
            ChildStatus(
                id: child.id,
                state: child.state,
                age: now - child.since,
                restarts: child.restarts,
                lastError: child.lastError,
                nextRestart: child.retryAt.map { max($0 - now, .zero) },
                group: parents[child.id.name],
                condition: child.condition
            )
        }
    }

    /// The newest generation of a name.
    func newest(_ name: String) -> ChildID? {
        generations[name]?.last
    }

    private mutating func fire(_ timer: TimerID) {
        switch timer {
        case .shutDownLimit:
            forceAll()
        case .group(let name, _):
            if groups[name]?.takes(timer) == true { leaveRound(group: name, isGone: false) }
        case .child(let id, _, _):
            guard children[id]?.takes(timer) == true, let child = children[id] else { return }
            switch child.state {
            case .backingOff: steps.append(.startIfPossible(id))
            case .created, .preparing, .running, .ready, .draining, .stopped, .failed:
                steps.append(.feed(.timeout, id))
            }
        }
    }

    private mutating func recordCut(_ id: ChildID, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        actions.append(.report(.forced(id, lines)))
        noteForced(id)
    }

    mutating func noteForced(_ id: ChildID) {
        guard phase == .shuttingDown, forcedChildren.insert(id).inserted else { return }
        forced.append(id)
    }
}
