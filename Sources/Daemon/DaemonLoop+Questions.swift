import ControlPlane
import Glibc
import Logging
import Planning
import ServiceConfiguration
import Services
import Sockets
import Supervision

/// Answers to the control plane.
extension DaemonLoop {
    mutating func answer(_ question: Question, _ group: inout DiscardingTaskGroup) -> [DaemonCore.Action] {
        switch question {
        case .snapshot(let reply):
            let (tree, feed, identity) = (tree, feed, identity)
            group.addTask {
                let children = await tree.snapshot()
                switch feed.yield(.view(children, reply)) {
                case .enqueued: break
                case .dropped, .terminated: Question.snapshot(reply).answerTooLate(identity)
                @unknown default: Question.snapshot(reply).answerTooLate(identity)
                }
            }
        case .connections(let name, let reply): reply.resume(returning: connections(of: name))
        case .reload(let limit, let reply):
            return core.handle(.request(requests.add(LoadRequest(.request, confirmWithin: limit), reply)))
        case .order(let order, let name, let reply):
            switch services(named: name) {
            case .failure(let refusal): reply.resume(returning: .failure(refusal))
            case .success(let services):
                let request = LoadRequest(.order, .order(order, services: services))
                return core.handle(.request(requests.add(request, reply)))
            }
        case .confirm(let reply): reply.resume(returning: confirm())
        case .plan(let file, let reply):
            let (transaction, state) = (transaction, state)
            group.addTask {
                let verdict = await transaction.plan(file: file, from: state)
                reply.resume(returning: .success(VerdictDocument(verdict)))
            }
        case .rotate(let name, let reply): reply.resume(returning: rotate(name))
        }
        return []
    }

    /// Answers what is in a happening that comes after the end.
    func answerTooLate(_ happening: Happening) {
        switch happening {
        case .ask(let question): question.answerTooLate(identity)
        case .view(_, let reply): Question.snapshot(reply).answerTooLate(identity)
        case .successor(let successor): kill(successor.pid, SIGTERM)
        case .event, .progress, .committed, .loadEnded, .trialOver, .reversalDue, .tree, .treeEnded, .frontEnded,
            .status, .started:
            break
        }
    }

    // MARK: Snapshot

    mutating func snapshot(of children: [ChildStatus]) -> Snapshot {
        let now = ContinuousClock.now
        let view = SnapshotView(
            state: state,
            children: children,
            listeners: listeners,
            pools: pools.reports,
            now: now,
            absentSince: absentSince
        )
        return view.snapshot(daemon(children, at: now), loads: loads.records, rates: &rates)
    }

    private func daemon(_ children: [ChildStatus], at now: ContinuousClock.Instant) -> DaemonStatus {
        var status = identity.status
        status.generation = state.generation
        status.state = core.status(isStarted: start.isOver)
        status.unreadyReason = unreadyReason(children)
        status.ready = status.unreadyReason == nil
        status.loads = loads.counts
        status.probation = probation(at: now)
        if let loading {
            var progress = LoadProgress(phase: loading.phase, seconds: loading.since.duration(to: now).roundedSeconds)
            progress.waitingFor = loading.commit.map { Self.unsettled($0.changed, children) } ?? []
            status.load = progress
        }
        return status
    }

    private static func unsettled(_ changed: Set<ChildID>, _ children: [ChildStatus]) -> [String] {
        children.filter { child in
            switch child.state {
            case .created, .preparing, .running: changed.contains(child.id)
            case .ready, .draining, .backingOff, .stopped, .failed: false
            }
        }.map(\.id.name)
    }

    /// Why the daemon is not ready; nil: it is.
    private func unreadyReason(_ children: [ChildStatus]) -> String? {
        guard !core.isEnding else { return "shutting down" }
        guard state.generation > 0 else { return "starting" }
        let essential = Set(state.configuration.services.lazy.filter(\.essential).map(\.name))
        var readiness = state.readiness(reached: [:], now: children)
        readiness.unready.removeAll { !essential.contains($0.service) }
        return readiness.isDegraded ? "\(readiness)" : nil
    }

    // MARK: Connections

    private func connections(of name: String?) -> Result<ConnectionList, Refusal> {
        var wanted: Set<String>?
        if let name {
            switch services(named: name) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let services): wanted = Set(services)
            }
        }
        let now = ContinuousClock.now
        var list: [ConnectionStatus] = []
        for member in Array(state.members.values) + state.retired
        where wanted?.contains(member.child.name) ?? !member.kind.isEndpoint {
            guard let table = member.service.table else { continue }
            for connection in table.connections {
                var status = ConnectionStatus(
                    id: connection.id,
                    service: member.child.name,
                    generation: member.child.generation,
                    client: connection.peer,
                    seconds: connection.since.duration(to: now).roundedSeconds,
                    received: connection.received,
                    sent: connection.sent
                )
                status.purpose = connection.purpose
                status.draining = table.isDraining
                list.append(status)
            }
        }
        list.sort { $0.id < $1.id }
        let omitted = max(0, list.count - ConnectionList.limit)
        return .success(ConnectionList(Array(list.prefix(ConnectionList.limit)), omitted: omitted))
    }

    // MARK: Orders

    /// The services that a name means.
    private func services(named name: String) -> Result<[String], Refusal> {
        let services = state.intent.services(named: name)
        guard services.isEmpty else { return .success(services) }
        let declared = state.intent.declared
        let names = KnownNames(services: declared.services.map(\.name), groups: declared.groups.map(\.name))
        return .failure(names.refusal(of: name))
    }

    private mutating func confirm() -> Result<VerdictDocument, Refusal> {
        guard let trial, trial.needsConfirmation, trial.failure == nil else {
            return .failure(
                Refusal(.nothingToConfirm, "cannot confirm: no reload waits for it; reload with --confirm first")
            )
        }
        endTrial()
        log.notice("generation \(trial.generation) is confirmed", metadata: ["generation": "\(state.generation)"])
        var document = VerdictDocument(Verdict(outcome: .applied, generation: state.generation))
        document.summary = "confirmed: generation \(trial.generation) stays"
        return .success(document)
    }

    private func rotate(_ name: String) -> Result<RotationDocument, Refusal> {
        services(named: name).map { services in
            RotationDocument(
                services.compactMap { name in
                    state.members[name].map { entry(name, $0.service.rotate(), $0.service.details.upstream) }
                }
            )
        }
    }

    private func entry(_ name: String, _ rotation: Rotation, _ upstream: String?) -> RotationDocument.Entry {
        switch rotation {
        case .notPooled: return RotationDocument.Entry(service: name, outcome: .notPooled, upstream: upstream)
        case .nothingFree: return RotationDocument.Entry(service: name, outcome: .nothingFree, upstream: upstream)
        case .busy: return RotationDocument.Entry(service: name, outcome: .busy, upstream: upstream)
        case .moved(let member):
            var event = EventRecord(kind: .rotated, text: "uses \(member)")
            event.service = name
            event.generation = state.members[name]?.child.generation
            events.record(event)
            return RotationDocument.Entry(service: name, outcome: .moved, upstream: member)
        }
    }
}

extension DaemonCore {
    /// What the status says of the daemon's state.
    func status(isStarted: Bool) -> DaemonStatus.State {
        switch state {
        case .loading(first: true, _): .starting
        case .loading(first: false, _): .reloading
        case .settling: isStarted ? .reloading : .starting
        case .serving: .serving
        case .callingOff, .delaying: .ending
        case .stopping, .ended: .draining
        }
    }
}
