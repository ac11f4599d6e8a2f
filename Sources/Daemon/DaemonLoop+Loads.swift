import ControlPlane
import Logging
import Planning
import ServiceConfiguration
import Services
import Supervision

/// Loads, their verdicts, and the trial of what they have brought about.
extension DaemonLoop {
    mutating func begin(_ load: DaemonCore.Load, _ group: inout DiscardingTaskGroup) {
        // A service manager that still waits for the start is not to take the end of a reload for it.
        if start.isOver { notifier.reloading() }
        control = LoadControl()
        var request: LoadRequest
        var number: UInt64?
        switch load {
        case .start: request = LoadRequest(.start)
        case .signal: request = LoadRequest(.signal)
        case .change: request = LoadRequest(.change)
        case .reversal:
            request = LoadRequest(.reversal, .reversal(to: trial?.reversal(from: state.intent) ?? state.intent))
            number = loading?.number
        case .request(let asked):
            request = requests.request(asked) ?? LoadRequest(.request)
            number = asked
        }
        if request.cause != .reversal { request.onTrial = trial?.changed ?? [] }
        loading = RunningLoad(request: request, number: number, previous: state)
        let (transaction, state, control, sink, feed) = (transaction, state, control, sink, feed)
        group.addTask { [request] in
            let end = await transaction.run(request, from: state, control: control) { phase in
                feed.yield(.progress(phase))
            } committed: { commit in
                sink.apply(commit.configuration.log)
                feed.yield(.committed(commit))
            }
            feed.yield(.loadEnded(end))
        }
    }

    mutating func committed(_ commit: Commit, _ group: inout DiscardingTaskGroup) -> [DaemonCore.Action] {
        loading?.commit = commit
        let last = state
        state = commit.state
        keepListeners()
        if last.generation == 0 { predecessor?.takeOver() }
        noteAbsence(at: .now)
        var actions = core.handle(.committed)
        guard let request = loading?.request, request.cause != .reversal else { return actions }
        let begun = trial?.generation
        trial = Trial.after(commit, request, last: trial, isTried: request.isTried(from: last), at: .now)
        if trial?.generation != begun { beginTrial(&group) }
        // What has failed before and was not replaced is still to be reverted.
        if trial?.failure != nil { actions += core.handle(.trialFailed) }
        return actions
    }

    mutating func loadEnded(_ end: LoadTransaction.End, _ group: inout DiscardingTaskGroup) -> [DaemonCore.Action] {
        let previous = loading?.previous ?? state
        let isFirst = previous.generation == 0
        let request = loading?.request ?? LoadRequest(.signal)
        state = end.state
        noteAbsence(at: .now)
        let wasStarted = start.isOver
        let starts = state.generation > 0 && start.expect(state.essentialChildren)
        var verdict = request.cause == .reversal ? reversed(end.verdict, &group) : end.verdict
        // What has been begun is not waited for any more.
        if core.isEnding, verdict.isDegraded { verdict.outcome = .calledOff }
        // At the first load the report itself says that the daemon has started.
        report(verdict, of: request, isFirst: isFirst, isStarted: wasStarted || (isFirst && starts))
        let document = document(of: verdict)
        record(document, of: request)
        let actions = core.handle(.loaded(failure: verdict.startFailure))
        // What is reverted at once has one verdict, that of the reversal.
        let isReverted =
            actions.contains(.load(.reversal)) && loading?.commit != nil && request.isTried(from: previous)
        if !isReverted {
            if let number = loading?.number {
                requests.answer(number, document, after: stopping(request, verdict, previous))
            }
            loading = nil
        }
        return actions + (starts && !isFirst ? core.handle(.started) : [])
    }

    /// The children that an order to stop still waits for.
    private func stopping(_ request: LoadRequest, _ verdict: Verdict, _ previous: RunningState) -> Set<ChildID> {
        guard case .order(.stop, _) = request.goal, let plan = verdict.plan, verdict.outcome == .applied else {
            return []
        }
        let stopped = plan.entries.filter { $0.step == .stop }.compactMap { previous.members[$0.service]?.child }
        return Set(stopped).subtracting(loading?.ended ?? [])
    }

    /// The answer to a request that came while another load is under way, or too late.
    mutating func refuse(_ number: UInt64) {
        let message =
            core.isEnding
            ? "cannot load: the daemon is shutting down; start it again when it has ended"
            : "cannot load: another load is under way; try again when it is over (supervisor status)"
        let verdict = Verdict(
            outcome: .busy,
            generation: state.generation,
            errors: [LoadError(kind: .busy, message: message)]
        )
        requests.answer(number, document(of: verdict))
    }

    /// The verdict as whoever asked gets it, with what goes on.
    func document(of verdict: Verdict) -> VerdictDocument {
        var document = VerdictDocument(verdict)
        let draining = state.retired.filter { $0.service.openConnections > 0 }
        if !draining.isEmpty {
            let connections = draining.reduce(0) { $0 + $1.service.openConnections }
            document.draining = VerdictDocument.Drain(services: draining.count, connections: connections)
        }
        // A daemon that ends goes back to nothing.
        document.probation = core.isEnding ? nil : probation(at: .now)
        return document
    }

    private mutating func record(_ document: VerdictDocument, of request: LoadRequest) {
        loads.add(LoadRecord(at: Timestamp.now(), cause: request.cause, verdict: document))
        var event = EventRecord(kind: .load, text: "\(request.words) \(document.summary)")
        event.generation = document.generation
        events.record(event)
    }
}

// MARK: Trial

extension DaemonLoop {
    private mutating func beginTrial(_ group: inout DiscardingTaskGroup) {
        guard let trial else { return }
        let (clock, feed) = (clock, feed)
        group.addTask {
            do {
                try await clock.sleep(for: trial.limit)
                feed.yield(.trialOver(trial.generation))
            } catch {
                // Cancelled: the daemon has ended meanwhile.
            }
        }
    }

    mutating func trialOver(_ generation: UInt64) -> [DaemonCore.Action] {
        guard trial?.generation == generation else { return [] }
        if trial?.expires() == true { return trialFailed() }
        // One that has failed already is on its way to what was before.
        if trial?.failure == nil { endTrial() }
        return []
    }

    mutating func endTrial() {
        trial = nil
        tree.endTrial()
    }

    private mutating func trialFailed() -> [DaemonCore.Action] {
        log.error(
            "generation \(trial?.generation ?? 0) failed its trial: \(trial?.failure ?? "")",
            metadata: ["generation": "\(state.generation)"]
        )
        return core.handle(.trialFailed)
    }

    /// What happens in the tree, as far as it concerns the daemon.
    mutating func note(_ event: SupervisionEvent) -> [DaemonCore.Action] {
        var actions: [DaemonCore.Action] = []
        if let child = event.arrival, start.note(child) { actions += core.handle(.started) }
        switch event {
        case .changed(let child, .stopped), .changed(let child, .failed):
            loading?.ended.insert(child)
            if core.isEnding { absentSince[child.name] = .now }
            requests.note(ended: child)
        case .changed, .crashed, .willRestart, .gaveUp, .forced, .unresponsive, .conditionChanged, .groupRestarts,
            .groupGaveUp:
            break
        }
        if trial?.fails(by: event) == true { actions += trialFailed() }
        return actions
    }

    /// The verdict of a load that was to bring back what ran before.
    private mutating func reversed(_ verdict: Verdict, _ group: inout DiscardingTaskGroup) -> Verdict {
        let (failed, reason) = (trial?.generation ?? 0, trial?.failure ?? "")
        var verdict = verdict
        switch verdict.outcome {
        case .applied, .unchanged:
            endTrial()
            verdict.outcome = .reverted
            let message = "cannot keep generation \(failed): \(reason); what ran before it runs again"
            verdict.errors = [LoadError(kind: .trial, message: message)]
        case .rejected:
            let pause = tryAgain(&group)
            let message =
                "cannot go back from generation \(failed), which failed its trial and goes on: \(reason); "
                + "remove what is in the way: it is tried again in \(pause.words)"
            verdict.errors.insert(LoadError(kind: .trial, message: message), at: 0)
        case .reverted, .busy, .calledOff, .planned:
            break
        }
        return verdict
    }

    /// Going back was rejected.
    ///
    /// - Returns: When it is tried again.
    private mutating func tryAgain(_ group: inout DiscardingTaskGroup) -> Duration {
        guard let generation = trial?.generation, let pause = trial?.rejected(at: .now) else { return .zero }
        let (clock, feed) = (clock, feed)
        group.addTask {
            do {
                try await clock.sleep(for: pause)
                feed.yield(.reversalDue(generation))
            } catch {
                // Cancelled: the daemon has ended meanwhile.
            }
        }
        return pause
    }

    /// What the status says of the trial.
    func probation(at now: ContinuousClock.Instant) -> Probation? {
        guard let trial else { return nil }
        let isOver = trial.failure != nil
        // While it is on its way back, the load says so.
        guard !isOver || loading == nil, let end = isOver ? trial.nextAttempt : trial.end else { return nil }
        var probation = Probation(
            generation: trial.generation,
            remainingSeconds: max(.zero, now.duration(to: end)).roundedSeconds,
            needsConfirmation: !isOver && trial.needsConfirmation
        )
        probation.failure = trial.failure
        return probation
    }
}
