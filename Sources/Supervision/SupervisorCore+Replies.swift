/// Telling whoever committed a change how its children started.
extension SupervisorCore {
    mutating func begin(_ change: CoreChange, started: [ChildID]) {
        let waiting = Set(started)
        let refused = change.start.map(\.id).filter { !waiting.contains($0) }
        let reached = Dictionary(refused.map { ($0, ChildState.failed) }, uniquingKeysWith: { first, _ in first })
        guard !started.isEmpty else {
            actions.append(.reply(change: change.number, reached))
            return
        }
        changes[change.number] = PendingChange(waiting: waiting, reached: reached)
        for id in started {
            changeOfChild[id] = change.number
        }
    }

    /// Notes the first state that a started child reached; the last one answers its change.
    mutating func settle(_ id: ChildID, _ state: ChildState) {
        guard let number = changeOfChild.removeValue(forKey: id) else { return }
        changes[number]?.waiting.remove(id)
        changes[number]?.reached[id] = state
        guard let change = changes[number], change.waiting.isEmpty else { return }
        changes[number] = nil
        actions.append(.reply(change: number, change.reached))
    }

    /// What waits for a child that backs off is itself postponed; its change does not wait for it.
    mutating func postpone(_ id: ChildID) {
        for dependent in dependents[id.name] ?? [] where changeOfChild[dependent] != nil {
            guard children[dependent]?.state == .created else { continue }
            settle(dependent, .backingOff)
            steps.append(.postpone(dependent))
        }
    }

    /// Answers every change that still waits: with `state` for what is not ready, or with the state in which that is.
    mutating func settleAll(as state: ChildState? = nil) {
        for id in changeOfChild.keys.sorted(by: { ($0.name, $0.generation) < ($1.name, $1.generation) }) {
            settle(id, state ?? children[id]?.state ?? .failed)
        }
    }
}
