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
        case .created, .preparing, .running:
            break
        case .draining:
            draining += 1
            waitingToStop.remove(id)
        case .ready:
            becameReady(child)
        case .backingOff:
            settle(id, .backingOff)
            steps.append(.postpone(id))
        case .stopped, .failed:
            becameOver(child)
        }
    }

    private mutating func becameReady(_ child: Child) {
        settle(child.id, .ready)
        retireReplaced(child.id.name)
        for dependent in dependents[child.id.name] ?? [] where children[dependent]?.state == .created {
            steps.append(.startIfPossible(dependent))
        }
    }

    private mutating func becameOver(_ child: Child) {
        living -= 1
        waitingToStop.remove(child.id)
        settle(child.id, .failed)
        let isNewest = newest(child.id.name) == child.id
        switch child.wish {
        case .wanted: retireReplaced(child.id.name)
        case .replaced, .unwanted: remove(child)
        }
        if isNewest { refuseDependents(of: child) }
        releaseStops(child.rules.requires)
        if child.state == .failed && child.wish == .wanted && child.rules.essential { escalate(child) }
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
            steps.append(.feed(.refuse(Self.refusal(requirement: child)), dependent))
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
