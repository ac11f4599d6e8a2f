/// Changes of the tree, and starts in the order of requirements.
extension SupervisorCore {
    mutating func apply(_ change: CoreChange, at now: Duration) {
        onTrial = change.onTrial
        if let held = heldEscalation,
            !onTrial.contains(held.name) || change.start.contains(where: { $0.id.name == held.name })
        {
            heldEscalation = nil
        }
        if let groups = change.groups { apply(groups: groups, at: now) }
        for entry in change.update {
            update(entry)
        }
        let started = ordered(change.start).filter { entry in
            guard children[entry.id].map(\.isOver) ?? true else {
                // Two children cannot have one identity; the one that lives goes on.
                actions.append(.refuse(entry.id))
                return false
            }
            add(entry, at: now)
            return true
        }
        begin(change, started: started.map(\.id))
        let replaced = Set(started.map(\.id.name))
        for id in change.stop.reversed() where newest(id.name) != id || !replaced.contains(id.name) {
            order(id, replaced: replaced.contains(id.name))
        }
        for entry in started where entry.rules.replacement == .afterStop {
            for id in generations[entry.id.name] ?? [] where id != entry.id {
                hasten(id)
            }
        }
        for entry in started {
            let name = entry.id.name
            let round = roundOf[name] ?? downGroup(around: name).flatMap { roundOf[$0] }
            if let round { widen(round, by: [name]) }
        }
        let circle = circularStarts(started.map(\.id))
        for entry in started {
            if circle.contains(entry.id) {
                steps.append(.feed(.refuse("cannot start: its requirements form a circle"), entry.id))
            } else if let failure = entry.failure {
                steps.append(.feed(.crashed(failure), entry.id))
            } else {
                steps.append(.startIfPossible(entry.id))
            }
        }
        for entry in started {
            for name in entry.rules.requires {
                guard let id = newest(name), let required = children[id] else { continue }
                let waitsSince = required.state == .created && changeOfChild[id] == nil
                if required.state == .backingOff || required.wish == .halted || required.isOver || waitsSince {
                    steps.append(.postpone(id))
                }
            }
        }
    }

    /// A change arriving while shutting down: nothing of it happens.
    mutating func refuse(_ change: CoreChange) {
        for entry in change.start {
            actions.append(.refuse(entry.id))
        }
        let states = change.start.map { ($0.id, ChildState.failed) }
        actions.append(.reply(change: change.number, Dictionary(states, uniquingKeysWith: { first, _ in first })))
    }

    private mutating func update(_ entry: CoreChange.Entry) {
        guard let old = children[entry.id] else { return }
        forgetRequirements(of: old)
        children[entry.id]?.rules = entry.rules
        guard let new = children[entry.id] else { return }
        noteRequirements(of: new)
        if new.state == .created { steps.append(.startIfPossible(entry.id)) }
        releaseStops(old.rules.requires)
    }

    private mutating func add(_ entry: CoreChange.Entry, at now: Duration) {
        if let old = children[entry.id] { remove(old) }
        lastSequence += 1
        let child = Child(
            id: entry.id,
            sequence: lastSequence,
            rules: entry.rules,
            isPrepared: entry.failure == nil,
            at: now
        )
        children[entry.id] = child
        generations[entry.id.name, default: []].append(entry.id)
        noteRequirements(of: child)
        living += 1
        actions.append(.adopt(entry.id))
        actions.append(.report(.changed(entry.id, .created)))
    }

    /// What a child whose time to start has come is told; nil when it is not to start any more.
    func startInput(_ id: ChildID) -> Child.Input? {
        guard let child = children[id], phase == .supervising else { return nil }
        switch child.wish {
        case .wanted: break
        case .halted: return .wait
        case .replaced, .unwanted: return nil
        }
        for name in child.rules.requires {
            guard let required = newest(name).flatMap({ children[$0] }) else {
                return .refuse("cannot start: `\(name)`, which it requires, is not there")
            }
            if isGone(required) { return .refuse(Self.refusal(requirement: required)) }
        }
        return hasReadyRequirements(child) && !waitsForPredecessor(child) ? .start : .wait
    }

    private func hasReadyRequirements(_ child: Child) -> Bool {
        child.rules.requires.allSatisfy { name in
            guard let required = newest(name).flatMap({ children[$0] }) else { return false }
            return required.state == .ready && required.wish != .halted
        }
    }

    private func waitsForPredecessor(_ child: Child) -> Bool {
        guard child.rules.replacement == .afterStop else { return false }
        return (generations[child.id.name] ?? []).contains { id in
            guard let other = children[id], other.sequence < child.sequence else { return false }
            return !other.isOver
        }
    }

    static func refusal(requirement: Child) -> String {
        let fate = requirement.state == .failed ? "failed" : "stopped"
        return "cannot start: `\(requirement.id.name)`, which it requires, has \(fate)"
    }

    /// Sorts by requirements among themselves, stable; what is part of a circle comes last.
    private func ordered(_ entries: [CoreChange.Entry]) -> [CoreChange.Entry] {
        let index = Dictionary(
            entries.enumerated().map { ($1.id.name, $0) },
            uniquingKeysWith: { _, last in last }
        )
        var missing = entries.map { entry in Set(entry.rules.requires.compactMap { index[$0] }).count }
        var dependents: [[Int]] = entries.map { _ in [] }
        for (position, entry) in entries.enumerated() {
            for required in Set(entry.rules.requires.compactMap({ index[$0] })) {
                dependents[required].append(position)
            }
        }
        var order = entries.indices.filter { missing[$0] == 0 }
        var next = 0
        while next < order.count {
            for dependent in dependents[order[next]] {
                missing[dependent] -= 1
                if missing[dependent] == 0 { order.append(dependent) }
            }
            next += 1
        }
        let rest = entries.indices.filter { missing[$0] > 0 }
        return (order + rest).map { entries[$0] }
    }

    /// The new children that wait for themselves, or for such a child; `ids` are sorted by requirements.
    private func circularStarts(_ ids: [ChildID]) -> Set<ChildID> {
        var open = Set(ids)
        for id in ids {
            let required = (children[id]?.rules.requires ?? []).compactMap { newest($0) }
            if !required.contains(where: open.contains) { open.remove(id) }
        }
        return open
    }
}
