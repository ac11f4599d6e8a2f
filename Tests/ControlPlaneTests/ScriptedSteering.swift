import ControlPlane
import Synchronization
import TestSupport

/// A daemon that answers what a test wants, and remembers what it was asked.
final class ScriptedSteering: Steering {
    let events = EventJournal(now: { "2026-01-02T03:04:05Z" })
    /// Holds reloads until it is opened.
    let gate = Gate()
    /// Opens when a reload waits at the gate.
    let arrived = Gate()
    private let state: Mutex<(asked: [String], outcome: String, snapshot: Snapshot)>

    init(outcome: String = "applied", isReady: Bool = true, isHeld: Bool = false) {
        var daemon = DaemonStatus(version: "1.0", pid: 7, configuration: "services.yaml", at: "2026-01-02T03:04:05Z")
        daemon.ready = isReady
        daemon.unreadyReason = isReady ? nil : "echo is failed"
        var snapshot = Snapshot(daemon: daemon)
        snapshot.pools = [PoolStatus(name: "residential", allocation: "shared")]
        state = Mutex(([], outcome, snapshot))
        if !isHeld { gate.open() }
    }

    var asked: [String] { state.withLock { $0.asked } }

    func record(_ count: Int, text: String = "it happened") {
        for _ in 0..<count { events.record(EventRecord(kind: .balance, text: text)) }
    }

    func snapshot() async -> Snapshot { state.withLock { $0.snapshot } }

    func connections(of name: String?) async throws -> ConnectionList {
        try check(name)
        return ConnectionList([])
    }

    func reload(confirmWithin: Duration?) async -> VerdictDocument {
        note("reload \(confirmWithin.map { "\($0)" } ?? "-")")
        arrived.open()
        await gate.pass()
        return verdict()
    }

    func confirm() async throws -> VerdictDocument {
        throw Refusal(.nothingToConfirm, "cannot confirm: nothing is on trial")
    }

    func plan(file: String?) async -> VerdictDocument {
        note("plan \(file ?? "-")")
        return verdict()
    }

    func order(_ order: Order, _ name: String) async throws -> VerdictDocument {
        note("\(order.rawValue) \(name)")
        try check(name)
        return verdict()
    }

    func rotate(_ name: String) async throws -> RotationDocument {
        note("rotate \(name)")
        return RotationDocument([.init(service: name, outcome: .moved, upstream: "residential[1]")])
    }

    private func note(_ line: String) { state.withLock { $0.asked.append(line) } }

    private func verdict() -> VerdictDocument {
        let outcome = state.withLock { $0.outcome }
        return VerdictDocument(outcome: outcome, generation: 3, summary: outcome, exitCode: 0)
    }

    private func check(_ name: String?) throws {
        if name == "nobody" { throw Refusal(.unknownName, "cannot find `nobody`: supervisor status lists the names") }
    }
}
