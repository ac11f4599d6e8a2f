import ControlPlane
import Planning
import ServiceConfiguration
import Services
import Sockets
import Supervision

/// Makes the configuration file run, completely or not at all: read, check, plan, stage, then commit or roll back.
///
/// Staging only acquires; everything it acquires is in `~Copyable` values whose only ways out are commit and roll-back.
/// Committing cannot fail: it hands over what is already there.
struct LoadTransaction: Sendable {
    /// The file as the user named it.
    let file: String
    let read: @Sendable (String) -> Result<[UInt8], Surroundings.FileProblem>
    let surroundings: Surroundings
    let listeners: ListenerTable
    let catalogue: Catalogue
    let tree: Supervisor
    let explain: BindExplanation
    let descriptorLimit: Int

    /// The state that runs afterwards, with the answer to whoever asked.
    struct End: Sendable {
        var state: RunningState
        var verdict: Verdict
    }

    /// Loads the file.
    ///
    /// - Parameters:
    ///   - state: What runs now.
    ///   - callOff: Looked at before the commit; a later request is too late.
    ///   - committed: Called at the commit with the configuration, before the services started by it are ready.
    /// - Returns: The state that runs then, and the verdict.
    func run(
        from state: RunningState,
        callOff: CallOff,
        committed: @Sendable (Configuration) -> Void
    ) async -> End {
        let desired: Configuration
        switch configuration() {
        case .accepted(let configuration): desired = configuration
        case .rejected(let diagnostics): return rejected(state, diagnostics.map { LoadError($0) }, plan: nil)
        }
        let plan = Plan(from: state.configuration, to: desired)
        if plan.isUnchanged, state.generation > 0 {
            return End(state: state, verdict: Verdict(outcome: .unchanged, generation: state.generation, plan: plan))
        }
        if let error = DescriptorNeed(of: desired).error(limit: descriptorLimit, file: file) {
            return rejected(state, [error], plan: plan)
        }
        switch listeners.stage(desired.listenRequests) {
        case .failed(let failures):
            return rejected(state, failures.map { explain.error(for: $0, in: desired) }, plan: plan)
        case .staged(let staged):
            return await stage(desired, plan, staged, from: state, callOff: callOff, committed: committed)
        }
    }

    /// Prepares what starts; commits when all of it is there.
    private func stage(
        _ desired: Configuration,
        _ plan: Plan,
        _ staged: consuming StagedListeners,
        from state: RunningState,
        callOff: CallOff,
        committed: @Sendable (Configuration) -> Void
    ) async -> End {
        var next = NextState(from: state, to: desired, plan: plan)
        let failures = await next.prepare(with: catalogue)
        guard failures.isEmpty, !callOff.isRequested else {
            await next.discard()
            staged.rollBack()
            guard !failures.isEmpty else {
                return End(state: state, verdict: Verdict(outcome: .calledOff, generation: state.generation))
            }
            return rejected(state, failures.map { explain.error(for: $0, in: desired) }, plan: plan)
        }
        staged.commit()
        committed(desired)
        let change = next.commit()
        _ = await tree.apply(change)
        let verdict = Verdict(outcome: .applied, generation: next.state.generation, plan: plan)
        return End(state: next.state, verdict: verdict)
    }

    private func configuration() -> ConfigurationReader.Outcome {
        switch read(file) {
        case .success(let bytes): ConfigurationReader(surroundings: surroundings).read(bytes, file: file)
        case .failure(let problem):
            .rejected([
                Diagnostic(
                    at: SourcePosition(file: file, line: 1, column: 1),
                    "cannot read the configuration: \(problem.reason)"
                )
            ])
        }
    }

    private func rejected(_ state: RunningState, _ errors: [LoadError], plan: Plan?) -> End {
        End(
            state: state,
            verdict: Verdict(outcome: .rejected, generation: state.generation, errors: errors, plan: plan)
        )
    }
}

extension Configuration {
    /// Every listening socket that the configuration wants.
    var listenRequests: [ListenRequest] {
        services.flatMap(\.listenRequests)
    }
}
