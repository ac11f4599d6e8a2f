import ControlPlane
import Logging
import Services
import Supervision

/// Logs what happens in the tree, and keeps it for the control plane.
///
/// Each event once, with the child's name and generation.
struct TreeJournal: Sendable {
    /// A line about a group names so many children; each has lines of its own.
    private static let namedChildren = 16

    let log: Logger
    let events: EventJournal

    func record(_ event: SupervisionEvent) {
        events.record(EventRecord(event))
        switch event {
        case .changed(let id, let state): write(level(of: state), "\(state.rawValue)", id)
        case .crashed(let id, let error): write(.error, "crashed", id, ["error": "\(error)"])
        case .willRestart(let id, let delay):
            write(.notice, "restarts after a delay", id, ["delay": "\(delay.words)"])
        case .gaveUp(let id, let reason): write(.error, "gave up", id, ["reason": "\(reason)"])
        case .forced(let id, let lines):
            for line in lines { write(.warning, "forced \(line)", id) }
        case .unresponsive(let id): write(.error, "does not end although it was forced", id)
        case .conditionChanged(let id, let condition): write(condition, id)
        case .groupRestarts(let group, let failed, let restarting):
            let names = restarting.prefix(Self.namedChildren).map(\.name)
            let rest = restarting.count - names.count
            let list = (names + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: " ")
            log.notice("group restarts", metadata: ["group": "\(group)", "failed": "\(failed)", "members": "\(list)"])
        case .groupGaveUp(let group, let reason, let delay):
            let next = delay?.words ?? "never"
            log.error("group gave up", metadata: ["group": "\(group)", "reason": "\(reason)", "restart": "\(next)"])
        }
    }

    /// The balance of a service that stopped.
    func record(_ ledger: ServiceLedger) {
        events.record(EventRecord(ledger))
        log.notice(
            "stopped",
            metadata: [
                "service": "\(ledger.service)", "connections": "\(ledger.connections)",
                "finished": "\(ledger.finished)", "forced": "\(ledger.forced)",
            ]
        )
    }

    private func write(_ condition: ChildCondition, _ id: ChildID) {
        switch condition {
        case .fine: write(.notice, "fine again", id)
        case .unhealthy(let reason): write(.warning, "unhealthy", id, ["reason": "\(reason)"])
        case .blocked(let reason): write(.error, "blocked", id, ["reason": "\(reason)"])
        }
    }

    private func level(of state: ChildState) -> Logger.Level {
        switch state {
        case .ready: .notice
        case .failed: .error
        // The balance of a service says that it stopped.
        case .created, .preparing, .running, .draining, .backingOff, .stopped: .debug
        }
    }

    private func write(_ level: Logger.Level, _ message: Logger.Message, _ id: ChildID, _ more: Logger.Metadata = [:]) {
        var metadata = more
        metadata["service"] = "\(id.name)"
        metadata["generation"] = "\(id.generation)"
        log.log(level: level, message, metadata: metadata)
    }
}
