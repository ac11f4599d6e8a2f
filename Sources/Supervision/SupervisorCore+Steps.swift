/// Feeding children, and what their moves mean for the others.
extension SupervisorCore {
    mutating func work(at now: Duration, random: Double) {
        repeat {
            var next = 0
            while next < steps.count {
                let step = steps[next]
                next += 1
                switch step {
                case .feed(let input, let id): feed(input, to: id, at: now, random: random)
                case .startIfPossible(let id):
                    // Judged and fed at once: a step in between could make the judgement stale.
                    if let input = startInput(id) { feed(input, to: id, at: now, random: random) }
                case .stopIfPossible(let id):
                    if mayStop(id) { feed(.stop, to: id, at: now, random: random) }
                case .postpone(let id): postpone(id)
                case .release(let number): release(number, at: now)
                }
            }
            steps.removeAll(keepingCapacity: true)
            breakCircle()
        } while !steps.isEmpty
    }

    private mutating func feed(_ input: Child.Input, to id: ChildID, at now: Duration, random: Double) {
        guard let before = children[id]?.state else { return }
        actions += children[id]?.handle(input, at: now, random: random) ?? []
        guard let child = children[id] else { return }
        if child.wasForced { noteForced(id) }
        guard child.state != before else { return }
        if before == .draining { draining -= 1 }
        switch child.state {
        case .created:
            becameCreated(child, after: before)
        case .preparing:
            if let parent = parents[id.name] { groups[parent]?.noteRestart(of: id.name, at: now) }
        case .running:
            break
        case .draining:
            draining += 1
            waitingToStop.remove(id)
        case .ready:
            becameReady(child)
        case .backingOff:
            settle(id, .backingOff)
            steps.append(.postpone(id))
            let error = "`\(id.name)`: \(child.lastError ?? "it ended")"
            if child.isCounted { memberFailed(id.name, error: error, at: now, random: random) }
        case .stopped, .failed:
            becameOver(child, at: now, random: random)
        }
        noteDown(id.name)
    }

    /// It is halted, waits for a requirement after its delay, or starts anew with its group.
    private mutating func becameCreated(_ child: Child, after before: ChildState) {
        if before == .stopped || before == .failed {
            living += 1
            // Between its release and this, another round may have begun to cover it.
            if roundOf[child.id.name] != nil { children[child.id]?.wish = .halted }
        }
        guard child.wish == .halted else { return }
        waitingToStop.remove(child.id)
        releaseStops(child.rules.requires)
    }

    private mutating func becameReady(_ child: Child) {
        settle(child.id, .ready)
        retireReplaced(child.id.name)
        for dependent in dependents[child.id.name] ?? [] where children[dependent]?.state == .created {
            steps.append(.startIfPossible(dependent))
        }
    }

    private mutating func becameOver(_ child: Child, at now: Duration, random: Double) {
        let name = child.id.name
        living -= 1
        waitingToStop.remove(child.id)
        settle(child.id, .failed)
        let isNewest = newest(name) == child.id
        switch child.wish {
        case .wanted, .halted:
            if let parent = parents[name] { groups[parent]?.pending.remove(name) }
            children[child.id]?.wish = .wanted
            retireReplaced(name)
            if child.state == .failed && child.rules.essential {
                escalate(name, reason: child.lastError ?? "it failed", at: now, random: random)
            }
        case .replaced, .unwanted:
            if isNewest, let parent = parents[name] { groups[parent]?.pending.remove(name) }
            remove(child)
        }
        // A round of its group may start it again.
        if isNewest && isGone(children[child.id] ?? child) {
            refuseDependents(of: child)
        } else if isNewest {
            steps.append(.postpone(child.id))
        }
        releaseStops(child.rules.requires)
        // A successor may have waited for this end.
        if let successor = newest(name), successor != child.id { steps.append(.startIfPossible(successor)) }
    }

    /// Looks again at the stops that may have waited for whoever required these names.
    mutating func releaseStops(_ names: [String]) {
        for name in names {
            for id in generations[name] ?? [] where waitingToStop.contains(id) {
                steps.append(.stopIfPossible(id))
            }
        }
    }

    /// A requirement that is over will not become ready: what waits for it will never start.
    private mutating func refuseDependents(of child: Child) {
        for dependent in dependents[child.id.name] ?? [] where children[dependent]?.wish == .wanted {
            guard children[dependent]?.state == .created else { continue }
            // Judged when its turn comes: the refusal before may have begun a round that brings this child back.
            steps.append(.startIfPossible(dependent))
        }
    }

    mutating func remove(_ child: Child) {
        children[child.id] = nil
        forgetRequirements(of: child)
        generations[child.id.name]?.removeAll { $0 == child.id }
        if generations[child.id.name]?.isEmpty == true { generations[child.id.name] = nil }
        actions.append(.forget(child.id))
    }

    mutating func noteRequirements(of child: Child) {
        for name in Set(child.rules.requires) {
            dependents[name, default: []].append(child.id)
        }
    }

    mutating func forgetRequirements(of child: Child) {
        for name in Set(child.rules.requires) {
            dependents[name]?.removeAll { $0 == child.id }
            if dependents[name]?.isEmpty == true { dependents[name] = nil }
        }
    }
}
