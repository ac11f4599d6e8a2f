import Testing

@testable import Supervision

/// The world around a core: tasks, timers and time, with the promises that must hold whatever happens.
struct SimulatedWorld {
    enum Phase {
        case preparing
        case running
        case ready
        case discarding
    }

    struct SimulatedTask {
        var phase: Phase
        var isAsked = false
        var isCancelled = false
    }

    var core = SupervisorCore()
    var now = Duration.zero
    var tasks: [ChildID: SimulatedTask] = [:]
    var timers: [TimerID: Duration] = [:]
    var rules: [ChildID: ChildRules] = [:]
    var states: [ChildID: ChildState] = [:]
    /// Adopted children that have neither run nor been discarded.
    var prepared: Set<ChildID> = []
    /// Generations in the tree, by name, oldest first.
    var generations: [String: [ChildID]] = [:]
    /// Stopped by a change without waiting for a successor: there is none, or the child did not serve.
    var dismissed: Set<ChildID> = []
    /// Their successor was ready, or over, at some time.
    var succeeded: Set<ChildID> = []
    var restarts: [ChildID: [Duration]] = [:]
    /// Whether the coming restart of a child counts.
    var isCounted: [ChildID: Bool] = [:]
    /// Whether the last failure of a child came before it ran.
    var isPreparationFailure: [ChildID: Bool] = [:]
    /// When the delay of a child or a group is over, by name.
    var due: [String: Duration] = [:]
    var conditions: [ChildID: ChildCondition] = [:]
    var groups = SimulatedGroups()
    var openChanges: [Int: Set<ChildID>] = [:]
    private var isAnswering = false
    var arriving: [ChildID] = []
    var isShuttingDown = false
    /// Whether the shutdown began before the event at hand.
    var refusesChanges = false
    var isForced = false
    var isOrderKnown = true
    var end: Supervisor.End?
    let findings = Findings()
    /// Prints every event and its actions, when a seed is repeated.
    var isTraced = false

    mutating func send(_ event: CoreEvent, random: Double = 0.5) {
        let wasOver = end != nil
        refusesChanges = isShuttingDown
        let actions = core.handle(event, at: now, random: random)
        if isTraced { print("\(now) \(event)\n    \(actions)") }
        findings.check(!wasOver || actions.isEmpty, "actions after the end: \(actions)")
        for action in actions {
            perform(action)
        }
        findings.check(core.escalation == nil || isShuttingDown, "an escalation of a child that did not give up")
        countGroups()
        closeRounds()
        findings.check(arriving.isEmpty, "neither adopted nor refused: \(arriving)")
        arriving = []
        checkIdle()
    }

    mutating func apply(_ change: CoreChange) {
        openChanges[change.number] = Set(change.start.map(\.id))
        arriving = change.start.map(\.id)
        pending = change
        // A change that comes during the shutdown is refused as a whole, its updates too.
        if !isShuttingDown { note(change) }
        send(.apply(change))
    }

    /// What an accepted change means for the promises.
    private mutating func note(_ change: CoreChange) {
        if let declared = change.groups { groups.declare(declared) }
        for entry in change.update where rules[entry.id] != nil {
            rules[entry.id] = entry.rules
        }
        let accepted = change.start.map(\.id).filter { id in
            rules[id] == nil || states[id] == .stopped || states[id] == .failed
        }
        let replaced = Set(accepted.map(\.name))
        let idle = change.stop.filter { tasks[$0]?.phase != .running && tasks[$0]?.phase != .ready }
        dismissed.formUnion(change.stop.filter { !replaced.contains($0.name) } + idle)
        for entry in change.start where accepted.contains(entry.id) && entry.rules.replacement == .afterStop {
            dismissed.formUnion((generations[entry.id.name] ?? []).filter { $0 != entry.id })
        }
    }

    private var pending = CoreChange(number: 0)

    init() {}

    private mutating func perform(_ action: CoreAction) {
        findings.check(end == nil, "an action after the end: \(action)")
        switch action {
        case .adopt(let id): adopt(id)
        case .refuse(let id): arrive(id)
        case .run(let id):
            findings.check(prepared.remove(id) != nil, "\(id) runs without having been prepared")
            begin(id, .running)
        case .restart(let id):
            findings.check(!prepared.contains(id), "\(id) is prepared twice")
            if isCounted.removeValue(forKey: id) == true { countRestart(id) }
            countGroupRestart(id)
            begin(id, .preparing)
        case .discard(let id):
            findings.check(prepared.remove(id) != nil, "\(id) is discarded twice")
            tasks[id] = SimulatedTask(phase: .discarding)
        case .ask(let id): ask(id)
        case .cancel(let id):
            findings.check(tasks[id] != nil, "\(id) is cancelled without a task")
            tasks[id]?.isCancelled = true
        case .forget(let id):
            findings.check(tasks[id] == nil, "\(id) is forgotten while it runs")
            rules[id] = nil
            states[id] = nil
            generations[id.name]?.removeAll { $0 == id }
        case .setTimer(let timer, let delay):
            findings.check(timers[timer] == nil, "\(timer) is set twice")
            timers[timer] = now + delay
        case .cancelTimer(let timer): timers[timer] = nil
        case .report(let event):
            note(event)
            note(group: event)
        case .reply(let change, let reached): reply(change, reached)
        case .end(let end): finish(end)
        }
    }

    private mutating func arrive(_ id: ChildID) {
        let index = arriving.firstIndex(of: id)
        findings.check(index != nil, "\(id) did not arrive")
        if let index { arriving.remove(at: index) }
    }

    private mutating func adopt(_ id: ChildID) {
        arrive(id)
        findings.check(!refusesChanges, "\(id) is adopted during the shutdown")
        if let failure = pending.start.first(where: { $0.id == id })?.failure {
            findings.check(!failure.isEmpty, "a failure without a reason")
            isPreparationFailure[id] = true
        } else {
            prepared.insert(id)
            isPreparationFailure[id] = false
        }
        isCounted[id] = nil
        conditions[id] = nil
        groups.bearer[id] = nil
        generations[id.name, default: []].append(id)
        dismissed.remove(id)
        succeeded.remove(id)
        restarts[id] = []
        rules[id] = pending.start.first { $0.id == id }?.rules
    }

    private mutating func begin(_ id: ChildID, _ phase: Phase) {
        findings.check(tasks[id] == nil, "\(id) runs twice")
        findings.check(!isShuttingDown, "\(id) starts during the shutdown")
        closeRound(of: id)
        conditions[id] = nil
        if rules[id]?.replacement == .afterStop {
            let older = (generations[id.name] ?? []).prefix { $0 != id }.filter { tasks[$0] != nil }
            findings.check(older.isEmpty, "\(id) starts before \(older) have ended")
        }
        for name in rules[id]?.requires ?? [] {
            let newest = generations[name]?.last
            let isReady = newest.flatMap { states[$0] } == .ready
            findings.check(isReady, "\(id) starts before `\(name)` is ready")
        }
        tasks[id] = SimulatedTask(phase: phase)
    }

    private mutating func countRestart(_ id: ChildID) {
        guard let policy = rules[id]?.restart else { return }
        restarts[id, default: []].append(now)
        let recent = restarts[id, default: []].count { now - $0 < policy.period }
        findings.check(recent <= policy.intensity, "\(id) restarts \(recent) times within \(policy.period)")
    }

    private mutating func ask(_ id: ChildID) {
        guard let task = tasks[id] else {
            findings.check(false, "\(id) is asked without a task")
            return
        }
        findings.check(!task.isAsked, "\(id) is asked twice")
        tasks[id]?.isAsked = true
        if isShuttingDown && !isForced && isOrderKnown {
            let earlier = tasks.keys.filter { $0.name != id.name && rules[$0]?.requires.contains(id.name) == true }
            findings.check(earlier.isEmpty, "\(id) is asked before \(earlier), which require it")
        }
        checkHalt(id)
        // What joins a group that is down goes down with it, without a further failure.
        let isHalted = core.roundOf[id.name] != nil || groups.rounds.contains { $0.names.contains(id.name) }
        let isAllowed = isShuttingDown || isHalted || dismissed.contains(id) || succeeded.contains(id)
        findings.check(isAllowed, "\(id) is asked before its successor is ready")
    }

    private mutating func note(_ event: SupervisionEvent) {
        // An escalation begins the shutdown amid the actions of one event: those before it stand.
        if case .gaveUp(let id, _) = event, core.parents[id.name] == nil, id.name == core.escalation?.name {
            isShuttingDown = true
        }
        guard case .changed(let id, let state) = event else { return }
        states[id] = state
        if generations[id.name]?.last == id && (state == .ready || state == .failed || state == .stopped) {
            succeeded.formUnion((generations[id.name] ?? []).dropLast())
        }
        if state == .ready { findings.check(tasks[id]?.phase == .ready, "\(id) is called ready and is not") }
    }

    /// Nobody waits any longer; every change that is open is answered by this.
    mutating func answerChanges() {
        isAnswering = true
        send(.answerChanges)
        isAnswering = false
        findings.check(openChanges.isEmpty, "unanswered changes \(openChanges.keys)")
    }

    private mutating func reply(_ change: Int, _ reached: [ChildID: ChildState]) {
        guard let started = openChanges.removeValue(forKey: change) else {
            findings.check(false, "change \(change) is answered twice")
            return
        }
        findings.check(Set(reached.keys) == started, "change \(change) is answered for other children")
        let isKnown = reached.values.allSatisfy { $0 == .ready || $0 == .backingOff || $0 == .failed }
        findings.check(isKnown || isAnswering, "change \(change) is answered with \(reached)")
    }

    private mutating func finish(_ end: Supervisor.End) {
        findings.check(isShuttingDown || isEscalated(end), "an end that nobody asked for")
        findings.check(tasks.isEmpty, "the end with running tasks \(tasks.keys)")
        findings.check(prepared.isEmpty, "the end with prepared children \(prepared)")
        findings.check(timers.isEmpty, "the end with timers \(timers.keys)")
        findings.check(openChanges.isEmpty, "the end with unanswered changes \(openChanges.keys)")
        self.end = end
    }

    private func isEscalated(_ end: Supervisor.End) -> Bool {
        if case .escalated = end { return true }
        return false
    }

    /// A tree in which nothing is going on wakes nobody.
    private mutating func checkIdle() {
        let isQuiet = tasks.values.allSatisfy { $0.phase == .ready && !$0.isAsked } && !isShuttingDown
        let backsOff = states.values.contains(.backingOff)
        if isQuiet && !backsOff && groups.down.isEmpty {
            findings.check(timers.isEmpty, "timers \(timers.keys) in an idle tree")
        }
    }
}
