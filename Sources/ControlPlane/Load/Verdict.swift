package import Planning

/// The answer to a load, a plan or an order: what happened, and if nothing did, everything that was in the way.
package struct Verdict: Sendable {
    /// How the load ended.
    package enum Outcome: String, Sendable, CaseIterable {
        case applied
        case unchanged
        case rejected
        /// The new generation failed its trial: what ran before runs again.
        case reverted
        /// Not tried: another load is under way, or the daemon shuts down.
        case busy
        /// Rolled back because the daemon was asked to shut down meanwhile.
        case calledOff = "called-off"
        /// Only planned: this is what a reload would do.
        case planned
    }

    package var outcome: Outcome
    /// The generation that runs after this load.
    package var generation: UInt64
    package var errors: [LoadError]
    package var plan: Plan?
    /// What the steps of the plan mean for what runs, by service.
    package var details: [String: StepDetail]
    /// What became ready; nil when nothing was started.
    package var readiness: Readiness?

    package init(
        outcome: Outcome,
        generation: UInt64,
        errors: [LoadError] = [],
        plan: Plan? = nil,
        details: [String: StepDetail] = [:],
        readiness: Readiness? = nil
    ) {
        self.outcome = outcome
        self.generation = generation
        self.errors = errors
        self.plan = plan
        self.details = details
        self.readiness = readiness
    }

    /// True when the load was applied and something that should be ready is not.
    package var isDegraded: Bool { readiness?.isDegraded ?? false }

    /// The exit code of whoever asked, after sysexits.h.
    ///
    /// 0, 65 for a configuration, 69 for an acquisition, 70 for a reversal, 75 for a bad moment.
    package var exitCode: Int32 {
        switch outcome {
        case .applied, .unchanged, .planned: 0
        case .reverted: 70
        case .busy, .calledOff: 75
        case .rejected: errors.contains { $0.kind == .configuration } ? 65 : 69
        }
    }
}

extension Verdict: CustomStringConvertible {
    /// One line: `applied: 1 restart, 2 keep` with what is not ready, or the first error and how many more.
    ///
    /// The first generation changes nothing that ran before: its line says what is ready, `applied: 3 services ready`.
    package var description: String {
        switch outcome {
        case .applied: "applied: " + appliedText
        case .planned: "planned: " + planText
        case .unchanged: "unchanged"
        case .calledOff: "called off by a shutdown"
        case .rejected, .reverted, .busy: "\(outcome.rawValue)\(errorText)"
        }
    }

    /// The same with the mere number of those that are not ready, for those who show them beside it.
    package var summary: String {
        guard outcome == .applied, let readiness else { return description }
        let ready = "\(readiness.services - readiness.unready.count) of \(readiness.services) services ready"
        return "applied: " + (planText.isEmpty ? ready : "\(planText), \(ready)")
    }

    private var errorText: String {
        guard let first = errors.first else { return "" }
        return ": \(first)" + (errors.count > 1 ? " (and \(errors.count - 1) more)" : "")
    }

    private var appliedText: String {
        guard let readiness else { return planText }
        if generation == 1 { return "\(readiness)" }
        return planText + (readiness.isDegraded ? ", \(readiness)" : "")
    }

    private var planText: String {
        guard let plan else { return "" }
        let steps = PlanStep.allCases.filter { plan.count(of: $0) > 0 }.map { "\(plan.count(of: $0)) \($0.rawValue)" }
        // At first everything is new.
        return (steps + (generation == 1 ? [] : plan.settings)).joined(separator: ", ")
    }
}
