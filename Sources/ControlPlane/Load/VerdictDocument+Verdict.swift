import Planning
import ServiceConfiguration
import Supervision

extension VerdictDocument {
    /// The verdict as JSON.
    package init(_ verdict: Verdict) {
        self.init(
            outcome: verdict.outcome.rawValue,
            generation: verdict.generation,
            summary: verdict.summary,
            exitCode: verdict.exitCode
        )
        errors = verdict.errors.map { Problem($0) }
        plan = (verdict.plan?.entries ?? []).map { Step($0, verdict.details[$0.service]) }
        settings = verdict.plan?.settings ?? []
        unready = (verdict.readiness?.unready ?? []).map {
            Unready(service: $0.service, state: $0.state.rawValue, reason: $0.reason)
        }
    }
}

extension VerdictDocument.Problem {
    init(_ error: LoadError) {
        self.init(kind: error.kind.rawValue, message: error.message, text: "\(error)")
        service = error.service
        file = error.position?.file
        line = error.position?.line
        column = error.position?.column
        address = error.address
        errno = error.errno
        holder = error.holder.map { VerdictDocument.Holder(pid: $0.pid, command: $0.command) }
    }
}

extension VerdictDocument.Step {
    init(_ entry: Plan.Entry, _ detail: StepDetail?) {
        self.init(service: entry.service, step: entry.step.rawValue)
        causes = entry.causes
        file = entry.position.file
        line = entry.position.line
        endsConnections = detail?.connections
        endsProcess = detail?.pid
    }
}
