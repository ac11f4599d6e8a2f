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
        if replaced && serves {
            children[id]?.wish = .replaced
            return
        }
        children[id]?.wish = .unwanted
        settle(id, .failed)
        if child.state != .draining { waitingToStop.insert(id) }
        steps.append(.stopIfPossible(id))
        if newest(id.name) == id { retireReplaced(id.name) }
    }

    /// Stops the older generations that only waited for the newest one, once that serves or never will.
    mutating func retireReplaced(_ name: String) {
        guard let newest = newest(name).flatMap({ children[$0] }) else { return }
        guard newest.state == .ready || newest.isOver || newest.wish == .unwanted else { return }
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
    private func isRequiredByStopping(_ child: Child) -> Bool {
        (dependents[child.id.name] ?? []).contains { id in
            guard let dependent = children[id], dependent.id.name != child.id.name else { return false }
            return !dependent.isOver && dependent.wish != .wanted
        }
    }

    /// Requirements of different generations may form a circle; then the child that started last stops first.
    mutating func breakCircle() {
        guard !waitingToStop.isEmpty, draining == 0 else { return }
        let hasReplaced = children.values.contains { $0.wish == .replaced && !$0.isOver }
        guard !hasReplaced else { return }
        let last = waitingToStop.max { (children[$0]?.sequence ?? 0) < (children[$1]?.sequence ?? 0) }
        guard let last else { return }
        waitingToStop.remove(last)
        steps.append(.feed(.stop, last))
    }

    mutating func beginShutDown() {
        guard phase == .supervising else { return }
        phase = .shuttingDown
        settleAll()
        let latestFirst = children.values.sorted { $0.sequence > $1.sequence }
        for child in latestFirst where !child.isOver {
            children[child.id]?.wish = .unwanted
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

    mutating func escalate(_ child: Child) {
        guard phase == .supervising else { return }
        escalation = (child.id, child.lastError ?? "it gave up")
        beginShutDown()
    }

    mutating func endIfOver() {
        guard phase == .shuttingDown, living == 0 else { return }
        phase = .ended
        if hasLimit { actions.append(.cancelTimer(.shutDownLimit)) }
        if let escalation {
            actions.append(.end(.escalated(escalation.id.name, reason: escalation.reason)))
        } else {
            actions.append(.end(.shutDown(forced: forced)))
        }
    }
}
