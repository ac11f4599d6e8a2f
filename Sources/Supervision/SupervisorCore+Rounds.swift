/// Rounds: what fails together goes down, is held, and starts again together.
extension SupervisorCore {
    /// Restarts whom the strategy says; `parent` nil: the root, which is one-for-one.
    mutating func beginRound(failed: String, in parent: String?) {
        let restarting = parent.flatMap { groups[$0]?.members(restartingWith: failed) } ?? [failed]
        let members = restarting.filter { parents[$0] == parent }
        let subgroups = members.filter { groups[$0] != nil }
        let names = members.flatMap { leaves(of: $0) }
        // A child that restarts alone needs no round: its own delay is all there is to wait for.
        guard names != [failed] || !subgroups.isEmpty else { return }
        for group in subgroups {
            freshen(group)
        }
        lastRound += 1
        rounds[lastRound] = Round()
        for number in Set((names + subgroups).compactMap { roundOf[$0] }).sorted() {
            merge(number, into: lastRound)
        }
        if groups[failed] != nil {
            rounds[lastRound]?.groups.insert(failed)
            rounds[lastRound]?.waiting.insert(failed)
            roundOf[failed] = lastRound
        }
        let siblings = newestOf(names).filter { $0.id.name != failed && $0.returns && $0.wish != .unwanted }
        actions.append(.report(.groupRestarts(parent ?? failed, failed: failed, restarting: siblings.map(\.id))))
        widen(lastRound, by: names)
    }

    private mutating func merge(_ number: Int, into other: Int) {
        guard let round = rounds.removeValue(forKey: number) else { return }
        rounds[other]?.formUnion(round)
        for name in round.covered.union(round.groups) {
            roundOf[name] = other
        }
    }

    /// Lets a round cover these children too.
    mutating func widen(_ number: Int, by names: [String]) {
        rounds[number]?.covered.formUnion(names)
        rounds[number]?.waiting.formUnion(names)
        for name in names {
            roundOf[name] = number
        }
        let ids = names.flatMap { generations[$0] ?? [] }
        let latestFirst = ids.compactMap { children[$0] }.sorted { $0.sequence > $1.sequence }
        for child in latestFirst {
            halt(child)
        }
        for name in names {
            noteDown(name)
        }
    }

    private mutating func halt(_ child: Child) {
        guard !child.isOver else { return }
        switch child.wish {
        case .wanted, .halted:
            children[child.id]?.wish = .halted
            settle(child.id, .backingOff)
            steps.append(.postpone(child.id))
        case .replaced, .unwanted:
            hasten(child.id)
            return
        }
        switch child.state {
        case .created, .draining, .stopped, .failed:
            break
        case .preparing, .running, .ready:
            waitingToStop.insert(child.id)
            steps.append(.stopIfPossible(child.id))
        case .backingOff:
            // Whose failure began the round keeps its delay; the others come back with the round.
            if parents[child.id.name].flatMap({ groups[$0]?.pending.contains(child.id.name) }) != true {
                children[child.id]?.isCounted = false
                steps.append(.feed(.wait, child.id))
            }
        }
    }

    /// Notes when a covered name is down; the last one ends the round.
    mutating func noteDown(_ name: String) {
        guard let number = roundOf[name], rounds[number]?.waiting.contains(name) == true else { return }
        let isDown = (generations[name] ?? []).allSatisfy { id in
            guard let child = children[id] else { return true }
            return child.isOver || (child.state == .created && child.wish == .halted)
        }
        if isDown { stopWaiting(for: name, number) }
    }

    /// A group that gave up needs no longer be waited for: its delay is over, or it is gone.
    mutating func leaveRound(group name: String, isGone: Bool = true) {
        guard let number = roundOf[name] else { return }
        if isGone {
            rounds[number]?.groups.remove(name)
            roundOf[name] = nil
        }
        stopWaiting(for: name, number)
    }

    private mutating func stopWaiting(for name: String, _ number: Int) {
        rounds[number]?.waiting.remove(name)
        if rounds[number]?.waiting.isEmpty == true { steps.append(.release(number)) }
    }

    /// Starts what a round held, in the order of requirements.
    mutating func release(_ number: Int, at now: Duration) {
        guard let round = rounds[number], round.waiting.isEmpty else { return }
        rounds[number] = nil
        for name in round.covered.union(round.groups) {
            roundOf[name] = nil
        }
        for group in round.groups {
            groups[group]?.comeBack(at: now)
            if let parent = parents[group] { groups[parent]?.noteRestart(of: group, at: now) }
        }
        let ids: [ChildID] = round.covered.flatMap { generations[$0] ?? [] }
        let covered = ids.compactMap { children[$0] }.sorted { $0.sequence < $1.sequence }
        let held = covered.filter { $0.wish == .wanted || $0.wish == .halted }
        for child in held {
            children[child.id]?.wish = .wanted
            if child.isOver && child.returns { steps.append(.feed(.again, child.id)) }
        }
        for child in held {
            steps.append(.startIfPossible(child.id))
        }
    }

    /// The tree ends: nothing starts again.
    mutating func endRounds() {
        rounds = [:]
        roundOf = [:]
        for name in groups.keys.sorted() {
            if let timer = groups[name]?.freshenAll() { actions.append(.cancelTimer(timer)) }
        }
    }

    /// Whether a child has ended for good: no round will start it again.
    func isGone(_ child: Child) -> Bool {
        child.isOver && !(child.returns && roundOf[child.id.name] != nil)
    }

    private func newestOf(_ names: [String]) -> [Child] {
        names.compactMap { newest($0).flatMap { children[$0] } }.sorted { $0.sequence < $1.sequence }
    }
}
