/// Stops in reverse order of requirements, replacements, and the end of the tree.
extension SupervisorCore {
    /// Orders a stop; a replaced child that serves goes on until its successor is ready.
    mutating func order(_ id: ChildID, replaced: Bool) {
        guard let child = children[id] else { return }
        if child.isOver {
            remove(child)
            return
        }
        // An unwanted child has been told already.
        if child.wish == .unwanted { return }
        let serves = child.state == .running || child.state == .ready
        if replaced && serves && child.wish != .halted {
            children[id]?.wish = .replaced
            return
        }
        // A round goes on waiting for it.
        if child.wish == .halted { children[id]?.isAwaited = true }
        children[id]?.wish = .unwanted
        settle(id, .failed)
        if child.state != .draining { waitingToStop.insert(id) }
        steps.append(.stopIfPossible(id))
        if newest(id.name) == id { retireReplaced(id.name) }
    }

    /// Orders the stop of a child whose end a round or its successor waits for.
    mutating func hasten(_ id: ChildID) {
        order(id, replaced: false)
        children[id]?.isAwaited = true
        steps.append(.stopIfPossible(id))
    }

    /// Stops the older generations that only waited for the newest one, once that serves or never will.
    mutating func retireReplaced(_ name: String) {
        guard let newest = newest(name).flatMap({ children[$0] }) else { return }
        guard newest.state == .ready || newest.isOver || newest.wish == .unwanted else { return }
        // Whoever ends the trial may bring back what this one was to replace.
        guard newest.state != .failed || !onTrial.contains(name) else { return }
        for id in generations[name] ?? [] where id != newest.id && children[id]?.wish == .replaced {
            order(id, replaced: false)
        }
    }

    /// Whether a child that is to stop may be asked now.
    func mayStop(_ id: ChildID) -> Bool {
        guard waitingToStop.contains(id), let child = children[id] else { return false }
        return !isRequiredByStopping(child)
    }

    /// Whether someone who is to stop as well requires this child, and so stops first.
    ///
    /// What is halted or awaited does not wait for those that go on until their successor is ready: the successor may
    /// wait for the end of this very stop.
    private func isRequiredByStopping(_ child: Child) -> Bool {
        let isUrgent = isUrgent(child)
        return (dependents[child.id.name] ?? []).contains { id in
            guard let dependent = children[id], dependent.id.name != child.id.name else { return false }
            switch dependent.wish {
            case .wanted: return false
            case .halted: return dependent.isUp
            case .replaced: return !isUrgent && !dependent.isOver
            case .unwanted:
                return !dependent.isOver && (!isUrgent || dependent.isAwaited || dependent.state == .draining)
            }
        }
    }

    private func isUrgent(_ child: Child) -> Bool {
        child.wish == .halted || child.isAwaited
    }

    /// Requirements of different generations may form a circle; then the child that started last stops first.
    mutating func breakCircle() {
        guard !waitingToStop.isEmpty, draining == 0 else { return }
        let hasReplaced = children.values.contains { $0.wish == .replaced && !$0.isOver }
        let last = waitingToStop.compactMap { children[$0] }
            .filter { !hasReplaced || isUrgent($0) }
            .max { $0.sequence < $1.sequence }
        guard let last else { return }
        waitingToStop.remove(last.id)
        steps.append(.feed(.stop, last.id))
    }

    mutating func beginShutDown() {
        guard phase == .supervising else { return }
        phase = .shuttingDown
        // What is not ready by now will not be.
        settleAll(as: .failed)
        endRounds()
        let latestFirst = children.values.sorted { $0.sequence > $1.sequence }
        for child in latestFirst where !child.isOver {
            children[child.id]?.wish = .unwanted
            children[child.id]?.isAwaited = false
            if child.state != .draining { waitingToStop.insert(child.id) }
            if child.wasForced { noteForced(child.id) }
        }
        for child in latestFirst where !child.isOver {
            steps.append(.stopIfPossible(child.id))
        }
    }

    mutating func setLimit(_ limit: Duration) {
        guard !hasLimit else { return }
        hasLimit = true
        actions.append(.setTimer(.shutDownLimit, after: limit))
    }

    mutating func forceAll() {
        for child in children.values.sorted(by: { $0.sequence > $1.sequence }) where !child.isOver {
            steps.append(.feed(.force, child.id))
        }
    }

    mutating func endIfOver() {
        guard phase == .shuttingDown, living == 0 else { return }
        phase = .ended
        if hasLimit { actions.append(.cancelTimer(.shutDownLimit)) }
        if let escalation {
            actions.append(.end(.escalated(escalation.name, reason: escalation.reason)))
        } else {
            actions.append(.end(.shutDown(forced: forced)))
        }
    }
}
