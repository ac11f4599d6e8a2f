import ControlPlane
import Logging
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
    let surroundings: Surroundings
    let listeners: ListenerTable
    let pools: UpstreamPools
    let contexts: TLSContexts
    let catalogue: Catalogue
    let tree: Supervisor
    let explain: AcquisitionExplanation
    let descriptorLimit: Int
    let log: Logger

    /// The state that runs afterwards, with the answer to whoever asked.
    struct End: Sendable {
        var state: RunningState
        var verdict: Verdict
    }

    /// Loads the file, and those that it includes.
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
        let end = await load(from: state, callOff: callOff, committed: committed)
        // Reading has made contexts for what is now rejected, or the commit has no use for old ones.
        contexts.keep(only: end.state.configuration.upstreamTLS)
        return end
    }

    private func load(
        from state: RunningState,
        callOff: CallOff,
        committed: @Sendable (Configuration) -> Void
    ) async -> End {
        let desired: Configuration
        switch ConfigurationReader(surroundings: surroundings).read(file).outcome {
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
        switch acquire(for: desired, generation: state.generation + 1) {
        case .failed(let errors):
            // Nobody wants to meet the next reason only when the first ones are gone.
            let next = NextState(from: state, to: desired, plan: plan, explain: explain)
            let more = await next.check(with: catalogue)
            return rejected(state, errors + more, plan: plan)
        case .acquired(let resources):
            return await stage(desired, plan, resources, from: state, callOff: callOff, committed: committed)
        }
    }

    /// Stages listeners and pools; when either fails, reports what both lack.
    private func acquire(for desired: Configuration, generation: UInt64) -> AcquisitionOutcome {
        let members = pools.stage(desired.poolWants, generation: generation)
        switch listeners.stage(desired.listenRequests) {
        case .failed(let failures):
            let errors = failures.map { explain.error(for: $0, in: desired) }
            return .failed(errors + errorsRollingBack(members))
        case .staged(let listeners):
            return acquire(listeners, members)
        }
    }

    private func acquire(
        _ listeners: consuming StagedListeners,
        _ members: consuming PoolStaging
    ) -> AcquisitionOutcome {
        switch consume members {
        case .staged(let members):
            return .acquired(StagedResources(listeners, members))
        case .failed(let failures):
            listeners.rollBack()
            return .failed(failures.map { explain.error(for: $0) })
        }
    }

    private func errorsRollingBack(_ members: consuming PoolStaging) -> [LoadError] {
        switch consume members {
        case .staged(let members):
            members.rollBack()
            return []
        case .failed(let failures):
            return failures.map { explain.error(for: $0) }
        }
    }

    /// Prepares what starts; commits when all of it is there.
    private func stage(
        _ desired: Configuration,
        _ plan: Plan,
        _ resources: consuming StagedResources,
        from state: RunningState,
        callOff: CallOff,
        committed: @Sendable (Configuration) -> Void
    ) async -> End {
        var next = NextState(from: state, to: desired, plan: plan, explain: explain)
        var errors = await next.prepare(with: catalogue)
        var probes = ProbeStage.Outcome()
        if errors.isEmpty, !callOff.isRequested {
            probes = await ProbeStage(catalogue: catalogue, explain: explain, log: log).run(next, callOff: callOff)
            errors = probes.errors
        }
        guard errors.isEmpty, !callOff.isRequested else {
            await next.discard()
            resources.rollBack()
            guard !errors.isEmpty else {
                return End(state: state, verdict: Verdict(outcome: .calledOff, generation: state.generation))
            }
            return rejected(state, errors, plan: plan)
        }
        resources.commit()
        committed(desired)
        let change = next.commit()
        for service in probes.accepted { next.state.members[service]?.service.credentialAccepted() }
        let reached = await tree.apply(change)
        let verdict = Verdict(
            outcome: .applied,
            generation: next.state.generation,
            plan: plan,
            readiness: next.state.readiness(reached: reached, now: await tree.snapshot())
        )
        return End(state: next.state, verdict: verdict)
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

    /// How TLS is spoken to all upstreams that the configuration uses.
    var upstreamTLS: [UpstreamTLS] {
        services.flatMap { service -> [UpstreamTLS] in
            guard case .proxyBridge(let bridge) = service.kind else { return [] }
            switch bridge.upstream {
            case .direct: return []
            case .proxy(let upstream): return [upstream.tls].compactMap { $0 }
            case .pool(let pool): return pool.members.compactMap(\.tls)
            }
        }
    }
}
