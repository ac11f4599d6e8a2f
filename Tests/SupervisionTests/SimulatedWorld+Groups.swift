@testable import Supervision

/// What the events of groups mean, and what they promise.
extension SimulatedWorld {
    mutating func note(group event: SupervisionEvent) {
        switch event {
        case .groupRestarts(let group, let failed, let restarting): openRound(group, failed, restarting)
        case .groupGaveUp(let group, _, let delay): groupGaveUp(group, delay)
        case .willRestart(let id, let delay): willRestart(id, delay)
        case .gaveUp(let id, let reason):
            let isTried = isPreparationFailure[id] == true && rules[id]?.essential == false
            findings.check(!isTried || reason.hasPrefix("cannot start"), "\(id) gave up before it ran: \(reason)")
        case .conditionChanged(let id, let condition):
            findings.check(conditions[id, default: .fine] != condition, "\(id) is still \(condition)")
            conditions[id] = condition
        case .changed(let id, let state):
            guard state == .stopped || state == .failed else { break }
            isCounted[id] = nil
            groups.bearer[id] = nil
        case .crashed, .forced, .unresponsive:
            break
        }
    }

    private mutating func openRound(_ group: String, _ failed: String, _ restarting: [ChildID]) {
        let number = groups.covered(by: failed, in: group).flatMap { groups.leaves(of: $0) }.lazy
            .compactMap { [core] in core.roundOf[$0] }.first
        let fresh = groups.open(failed, in: group, due: due[failed]) { [core] name in
            number != nil && core.roundOf[name] == number
        }
        for subgroup in fresh {
            freshen(subgroup)
        }
        guard let round = groups.rounds.last else { return }
        let covered = groups.covered(by: failed, in: group).flatMap { groups.leaves(of: $0) }
        // Who only waited to start again comes back with the round; that is no restart of its own.
        for id in isCounted.keys where covered.contains(id.name) && groups.bearer[id] == nil {
            isCounted[id] = nil
        }
        let missing = tasks.keys.filter { id in
            let isWanted = generations[id.name]?.last == id && !dismissed.contains(id) && id.name != failed
            let isServing = tasks[id]?.phase == .running || tasks[id]?.phase == .ready
            let returns =
                rules[id]?.restart.mode != .never || fresh.contains { groups.leaves(of: $0).contains(id.name) }
            guard isWanted, isServing, returns, tasks[id]?.isAsked == false else { return false }
            return covered.contains(id.name) && !restarting.contains(id)
        }
        findings.check(missing.isEmpty, "\(group) restarts without \(missing)")
        let strange = restarting.filter { !round.names.contains($0.name) }
        findings.check(strange.isEmpty, "\(group) restarts \(strange), which \(failed) does not concern")
    }

    private mutating func groupGaveUp(_ group: String, _ delay: Duration?) {
        groups.giveUpCount += 1
        findings.check(!isShuttingDown, "\(group) gives up during the shutdown")
        guard let delay else {
            if group == core.escalation?.name { isShuttingDown = true }
            return
        }
        groups.down.insert(group)
        groups.bearerOfGroup[group] = groups.parents[group]
        due[group] = now + delay
    }

    private mutating func freshen(_ group: String) {
        groups.freshen(group)
        for name in groups.leaves(of: group) {
            for id in generations[name] ?? [] {
                restarts[id] = []
                groups.bearer[id] = nil
            }
        }
    }

    private mutating func willRestart(_ id: ChildID, _ delay: Duration) {
        due[id.name] = now + delay
        isCounted[id] = isPreparationFailure[id] != true || rules[id]?.essential == true
        groups.bearer[id] = nil
        if groups.isInsideDownGroup(id.name) {
            restarts[id] = []
            isCounted[id] = false
        } else if isCounted[id] == true {
            groups.bearer[id] = groups.parents[id.name]
        }
    }

    /// The first of a round starts again: everything that it covers has to be down until then.
    mutating func closeRound(of id: ChildID) {
        guard let index = groups.rounds.firstIndex(where: { $0.names.contains(id.name) }) else { return }
        let round = groups.rounds.remove(at: index)
        checkIsDown(round.names, before: "\(id) starts")
        let isSame = generations[round.failed]?.contains { isCounted[$0] == true && states[$0] != .failed } == true
        if let due = round.due, isSame, groups.specifications[round.failed] == nil, id.name == round.failed {
            findings.check(now >= due, "\(id) starts before its delay is over")
        }
    }

    /// Forgets what is not covered any more and had nobody to start.
    mutating func closeRounds() {
        for index in groups.rounds.indices {
            let released = groups.rounds[index].names.filter { core.roundOf[$0] == nil }
            groups.rounds[index].names.subtract(released)
            if !isShuttingDown { checkIsDown(released, before: "their end") }
        }
        groups.rounds.removeAll { $0.names.isEmpty }
    }

    private func checkIsDown(_ names: Set<String>, before event: String) {
        // What never ran serves nobody while it is rolled back.
        let up = tasks.filter { names.contains($0.key.name) && $0.value.phase != .discarding }.keys
        findings.check(up.isEmpty, "\(up) of a round run before \(event)")
    }

    /// What a covered child must not do while dependents of its round run.
    mutating func checkHalt(_ id: ChildID) {
        guard !isShuttingDown, isOrderKnown, !dismissed.contains(id), !succeeded.contains(id) else { return }
        guard let round = groups.rounds.first(where: { $0.names.contains(id.name) }) else { return }
        let earlier = tasks.keys.filter { other in
            let isDependent = rules[other]?.requires.contains(id.name) == true && round.names.contains(other.name)
            return isDependent && generations[other.name]?.last == other && tasks[other]?.phase != .discarding
        }
        findings.check(earlier.isEmpty, "\(id) is halted before \(earlier), which require it")
    }

    mutating func countGroupRestart(_ id: ChildID) {
        guard let group = groups.bearer.removeValue(forKey: id), groups.parents[id.name] == group else { return }
        let (count, limit) = groups.count(in: group, at: now)
        findings.check(count <= limit, "\(group) restarts members \(count) times, \(limit) are allowed")
    }

    /// Counts the groups that the event at hand started anew.
    mutating func countGroups() {
        for group in groups.down.sorted() where core.groups[group]?.isDown == false {
            groups.down.remove(group)
            if isShuttingDown { continue }
            let own = groups.countOwn(group, at: now)
            findings.check(own.count <= own.limit, "\(group) starts anew \(own.count) times, \(own.limit) are allowed")
            let bearer = groups.bearerOfGroup.removeValue(forKey: group)
            guard let parent = groups.parents[group], parent == bearer else { continue }
            let (count, limit) = groups.count(in: parent, at: now)
            findings.check(count <= limit, "\(parent) restarts members \(count) times, \(limit) are allowed")
        }
    }

    /// When everybody did what is expected and no timer is left, nobody waits.
    func checkCalm() {
        findings.check(core.rounds.isEmpty, "rounds never end: \(core.rounds)")
        findings.check(core.waitingToStop.isEmpty, "stops that never come: \(core.waitingToStop)")
        findings.check(openChanges.isEmpty, "changes without an answer: \(openChanges)")
        for child in core.children.values {
            findings.check(child.wish == .wanted, "\(child.id) is \(child.wish) for ever")
            let isSettled = child.state == .ready || child.isOver
            findings.check(isSettled, "\(child.id) is \(child.state) for ever")
        }
    }
}
