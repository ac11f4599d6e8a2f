import ControlPlane
import Services
import Supervision

extension EventRecord {
    /// What happened in the tree.
    init(_ event: SupervisionEvent) {
        switch event {
        case .changed(let id, let state):
            self.init(.state, id, state.rawValue)
            self.state = state.rawValue
        case .crashed(let id, let error): self.init(.crashed, id, "crashed: \(error)")
        case .willRestart(let id, let delay):
            self.init(.restarts, id, "restarts in \(delay.words)")
            seconds = delay.roundedSeconds
        case .gaveUp(let id, let reason): self.init(.gaveUp, id, "gave up: \(reason)")
        case .forced(let id, let lines):
            self.init(
                .forced,
                id,
                "forced \(lines.first ?? "")" + (lines.count > 1 ? " and \(lines.count - 1) more" : "")
            )
            count = UInt64(lines.count)
        case .unresponsive(let id): self.init(.unresponsive, id, "does not end although it was forced")
        case .conditionChanged(let id, .fine): self.init(.condition, id, "fine again")
        case .conditionChanged(let id, .unhealthy(let reason)): self.init(.condition, id, "unhealthy: \(reason)")
        case .conditionChanged(let id, .blocked(let reason)): self.init(.condition, id, "blocked: \(reason)")
        case .groupRestarts(let name, let failed, let restarting):
            self.init(kind: .groupRestarts, text: "restarts \(restarting.count) members because `\(failed)` failed")
            group = name
            count = UInt64(restarting.count)
        case .groupGaveUp(let name, let reason, let delay):
            let next = delay.map { "starts anew in \($0.words)" } ?? "does not start anew"
            self.init(kind: .groupGaveUp, text: "gave up: \(reason); \(next)")
            group = name
            seconds = delay?.roundedSeconds
        }
    }

    /// The balance of a service that has stopped.
    init(_ ledger: ServiceLedger) {
        self.init(
            kind: .balance,
            text: "stopped: connections \(ledger.connections), finished \(ledger.finished), forced \(ledger.forced)"
        )
        service = ledger.service
    }

    private init(_ kind: Kind, _ id: ChildID, _ text: String) {
        self.init(kind: kind, text: text)
        service = id.name
        generation = id.generation
    }
}
