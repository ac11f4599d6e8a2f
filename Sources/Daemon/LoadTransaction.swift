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
    /// What the configuration asks of its surroundings, where the given contexts try TLS out.
    let surroundings: @Sendable (TLSContexts) -> Surroundings
    /// Watches what a load reads; nil: nobody wants it.
    let watch: FileWatch?
    let listeners: ListenerTable
    let pools: UpstreamPools
    let refused: RefusedCredentials
    let contexts: TLSContexts
    let catalogue: Catalogue
    let tree: Supervisor
    /// Runs the daemon's own endpoints, which outlive the services.
    let front: Supervisor
    /// Makes the folder of the default control socket; says why it cannot.
    let prepareSocketFolder: @Sendable () -> String?
    let explain: AcquisitionExplanation
    let descriptorLimit: Int
    /// Called with the first configuration that has no mistake, before anything is staged: how its log is to look.
    let begin: @Sendable (LogSettings) -> Void
    let log: Logger

    /// Why there is nothing to plan.
    private struct Rejection: Error {
        var diagnostics: [Diagnostic]
    }

    /// What a staging needs to know beside what it stages.
    private struct Staging {
        var request: LoadRequest
        var plan: Plan
        var control: LoadControl
        var progress: @Sendable (LoadProgress.Phase) -> Void
    }

    /// The state that runs afterwards, with the answer to whoever asked.
    struct End: Sendable {
        var state: RunningState
        var verdict: Verdict
    }

    /// Brings about what is asked for.
    ///
    /// - Parameters:
    ///   - request: The goal.
    ///   - state: What runs now.
    ///   - control: Calls it off, or ends its wait.
    ///   - progress: Hears how far the load has come.
    ///   - committed: Called at the commit, before the services started by it are ready.
    /// - Returns: The state that runs then, and the verdict.
    func run(
        _ request: LoadRequest,
        from state: RunningState,
        control: LoadControl,
        progress: @escaping @Sendable (LoadProgress.Phase) -> Void = { _ in },
        committed: @Sendable (Commit) -> Void
    ) async -> End {
        let end = await load(request, from: state, control: control, progress: progress, committed: committed)
        // Reading has made contexts for what is now rejected, or the commit has no use for old ones.
        let upstreams = end.state.configuration.upstreamProxies
        contexts.keep(only: upstreams.compactMap(\.tls))
        refused.keep(only: upstreams)
        return end
    }

    /// Says what a reload would do; acquires nothing.
    ///
    /// - Parameters:
    ///   - file: Another file in place of the daemon's own.
    ///   - state: What runs now.
    /// - Returns: The plan, or everything in its way that can be known beforehand.
    func plan(file: String?, from state: RunningState) async -> Verdict {
        let intent: Intent
        // Contexts of its own: a load may be under way that has just made those that it is about to commit.
        switch ConfigurationReader(surroundings: surroundings(TLSContexts())).read(file ?? self.file).outcome {
        case .accepted(let configuration): intent = state.intent.declaring(configuration)
        case .rejected(let diagnostics): return rejected(state, diagnostics.map { LoadError($0) }, plan: nil).verdict
        }
        let desired = intent.effective
        let plan = Plan(
            from: state.configuration,
            to: desired,
            rebinding: rebinding(for: desired, dropping: false),
            groups: (state.intent.declared.groups, intent.declared.groups)
        )
        if let error = DescriptorNeed(of: desired).error(limit: descriptorLimit, file: file ?? self.file) {
            return rejected(state, [error], plan: plan).verdict
        }
        let errors = await NextState(from: state, to: intent, desired, plan: plan, explain: explain)
            .check(with: catalogue)
        guard errors.isEmpty else { return rejected(state, errors, plan: plan).verdict }
        return Verdict(
            outcome: .planned,
            generation: state.generation,
            plan: plan,
            details: plan.details(from: state, to: desired)
        )
    }

    private func load(
        _ request: LoadRequest,
        from state: RunningState,
        control: LoadControl,
        progress: @escaping @Sendable (LoadProgress.Phase) -> Void,
        committed: @Sendable (Commit) -> Void
    ) async -> End {
        progress(.reading)
        let intent: Intent
        switch self.intent(of: request, from: state) {
        case .success(let wanted): intent = wanted
        case .failure(let rejection): return rejected(state, rejection.diagnostics.map { LoadError($0) }, plan: nil)
        }
        let desired = intent.effective
        let plan = Plan(
            from: state.configuration,
            to: desired,
            restarting: await restarts(by: request, in: state),
            rebinding: rebinding(for: desired, dropping: true),
            groups: (state.intent.declared.groups, intent.declared.groups)
        )
        if plan.isUnchanged, state.generation > 0 {
            // What is declared may differ in what is held.
            var state = state
            state.intent = intent
            return End(state: state, verdict: Verdict(outcome: .unchanged, generation: state.generation, plan: plan))
        }
        if let error = DescriptorNeed(of: desired).error(limit: descriptorLimit, file: file) {
            return rejected(state, [error], plan: plan)
        }
        if state.generation == 0 { begin(desired.log) }
        progress(.staging)
        if desired.control.socket == nil, let problem = prepareSocketFolder() { log.warning("\(problem)") }
        let next = NextState(from: state, to: intent, desired, plan: plan, explain: explain)
        switch acquire(for: desired, generation: state.generation + 1) {
        case .failed(let errors):
            // Nobody wants to meet the next reason only when the first ones are gone.
            return rejected(state, errors + (await next.check(with: catalogue)), plan: plan)
        case .acquired(let resources):
            let staging = Staging(request: request, plan: plan, control: control, progress: progress)
            return await stage(next, staging, resources, from: state, committed: committed)
        }
    }

    /// What is to run when the request is served.
    private func intent(of request: LoadRequest, from state: RunningState) -> Result<Intent, Rejection> {
        switch request.goal {
        case .reversal(let intent): return .success(intent)
        case .order(.stop, let names): return .success(state.intent.holding(Set(names)))
        case .order(.start, let names), .order(.restart, let names):
            return .success(state.intent.releasing(Set(names)))
        case .file:
            let surroundings = surroundings(contexts)
            switch ConfigurationReader(surroundings: watch?.watching(surroundings) ?? surroundings).read(file).outcome {
            case .accepted(let configuration): return .success(state.intent.declaring(configuration))
            case .rejected(let diagnostics): return .failure(Rejection(diagnostics: diagnostics))
            }
        }
    }

    /// The services that get a new instance although nothing of theirs changes.
    private func restarts(by request: LoadRequest, in state: RunningState) async -> Set<String> {
        switch request.goal {
        case .file, .order(.stop, _): return []
        case .order(.restart, let names): return Set(names)
        case .order(.start, let names):
            // Those that run already are left alone.
            return await self.names(of: state) { [ChildState.stopped, .failed, .backingOff].contains($0) }.intersection(
                names
            )
        case .reversal:
            // What has given up does not come back by getting its old settings.
            return await self.names(of: state) { $0 == .failed }
        }
    }

    /// The services whose unix socket nobody can reach any more, because somebody has removed its file.
    private func rebinding(for desired: Configuration, dropping drop: Bool) -> Set<String> {
        let lost = listeners.lost(of: desired.listenRequests, dropping: drop)
        if drop {
            for request in lost {
                log.warning(
                    "the file of the socket \(request.address) was removed; binding it anew",
                    metadata: ["service": "\(request.owner)"]
                )
            }
        }
        return Set(lost.map(\.owner))
    }

    /// The services of the present generation whose state is one of some.
    private func names(of state: RunningState, where isMeant: (ChildState) -> Bool) async -> Set<String> {
        let children = await tree.snapshot().filter { state.members[$0.id.name]?.child == $0.id && isMeant($0.state) }
        return Set(children.map(\.id.name))
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
        _ planned: NextState,
        _ staging: borrowing Staging,
        _ resources: consuming StagedResources,
        from state: RunningState,
        committed: @Sendable (Commit) -> Void
    ) async -> End {
        var next = planned
        let (plan, control) = (staging.plan, staging.control)
        var errors = await next.prepare(with: catalogue)
        var probes = ProbeStage.Outcome()
        if errors.isEmpty, !control.callOff.isFired {
            staging.progress(.probing)
            probes = await ProbeStage(catalogue: catalogue, explain: explain, log: log).run(
                next,
                callOff: control.callOff
            )
            errors = probes.errors
        }
        guard errors.isEmpty, !control.callOff.isFired else {
            await next.discard()
            resources.rollBack()
            guard !errors.isEmpty else {
                return End(state: state, verdict: Verdict(outcome: .calledOff, generation: state.generation))
            }
            return rejected(state, errors, plan: plan)
        }
        let details = plan.details(from: state, to: next.state.configuration)
        resources.commit()
        let (request, changed) = (staging.request, next.changed)
        let change = next.commit(isOnTrial: request.isTried(from: state), request.onTrial)
        let endpoints = next.commitEndpoints()
        committed(Commit(state: next.state, previous: state.intent, changed: changed))
        staging.progress(.settling)
        _ = await front.apply(endpoints)
        for service in probes.accepted { next.state.members[service]?.service.credentialAccepted() }
        let reached = await apply(change, until: control.endWait)
        let verdict = Verdict(
            outcome: .applied,
            generation: next.state.generation,
            plan: plan,
            details: details,
            readiness: next.state.readiness(reached: reached, now: await tree.snapshot())
        )
        return End(state: next.state, verdict: verdict)
    }

    /// Changes the tree; waits until what starts is ready or has failed, or nobody wants to wait any more.
    private func apply(_ change: consuming TreeChange, until end: Signal) async -> [ChildID: ChildState] {
        let (tree, change) = (tree, change)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await end.wait()
                if end.isFired { tree.answerChanges() }
            }
            defer { group.cancelAll() }
            return await tree.apply(change)
        }
    }

    private func rejected(_ state: RunningState, _ errors: [LoadError], plan: Plan?) -> End {
        End(
            state: state,
            verdict: Verdict(outcome: .rejected, generation: state.generation, errors: errors, plan: plan)
        )
    }
}
