import ControlPlane
import Planning
import ServiceConfiguration
import Services
import Supervision

/// The state that a load is about to make, built beside the running one.
struct NextState: Sendable {
    /// Why one service could not be prepared.
    struct Failure: Sendable {
        var service: ServiceSpecification
        var error: any Error
    }

    private(set) var state: RunningState
    private var starting: [PreparedChild] = []
    private let running: RunningState
    private let plan: Plan
    private let explain: AcquisitionExplanation
    private let specifications: [String: ServiceSpecification]

    init(
        from running: RunningState,
        to intent: Intent,
        _ desired: Configuration,
        plan: Plan,
        explain: AcquisitionExplanation
    ) {
        self.running = running
        self.plan = plan
        self.explain = explain
        specifications = Dictionary(uniqueKeysWithValues: (desired.services + desired.endpoints).map { ($0.name, $0) })
        state = RunningState(
            generation: running.generation + 1,
            intent: intent,
            configuration: desired,
            members: [:]
        )
    }

    /// Prepares every service that starts an instance; goes on after a failure, so that all are reported.
    ///
    /// A service that is not essential never fails a load: it starts backing off instead.
    ///
    /// - Parameter catalogue: Makes the services.
    /// - Returns: What is in the way.
    mutating func prepare(with catalogue: Catalogue) async -> [LoadError] {
        var errors: [LoadError] = []
        for entry in plan.entries + plan.endpoints {
            guard let specification = specifications[entry.service] else { continue }
            guard entry.step.startsInstance else {
                state.members[entry.service] = running.members[entry.service]
                continue
            }
            let service = catalogue.service(for: specification, generation: state.generation)
            do {
                let prepared = try await service.prepare()
                start(specification, service, prepared)
            } catch {
                let error = explain.error(for: Failure(service: specification, error: error))
                if specification.essential {
                    errors.append(error)
                } else {
                    start(specification, service, failed: "\(error)")
                }
            }
        }
        return errors
    }

    /// The children that the load starts, or that go on with other settings.
    var changed: Set<ChildID> {
        Set(
            plan.entries.lazy.filter { $0.step.startsInstance || $0.step == .apply }
                .compactMap { state.members[$0.service]?.child }
        )
    }

    /// What the bridges that start, or that get another upstream or probe, have to ask before the commit.
    func questions(with catalogue: Catalogue) -> [ProbeQuestion] {
        let present = Dictionary(uniqueKeysWithValues: running.configuration.services.map { ($0.name, $0) })
        let own = OwnListeners(of: state.configuration)
        return plan.entries.compactMap { entry in
            guard let specification = specifications[entry.service], entry.step != .keep else { return nil }
            let running = entry.step.startsInstance ? nil : present[entry.service]
            let question = catalogue.question(
                for: specification,
                generation: state.generation,
                since: running.map { ($0, self.running.generation) }
            )
            // A service of this very load answers with what it will be only when the load is committed.
            if let place = question?.address, own.include(place.host, port: place.port) { return nil }
            return question
        }
    }

    /// True when a failed probe of the service rejects the load: a service that is not essential has no say.
    func mayReject(_ question: ProbeQuestion) -> Bool {
        question.onFail == .reject && specifications[question.service]?.essential ?? true
    }

    /// Checks every service that would start an instance, where something else is in the way of the load already.
    ///
    /// Acquires nothing; a service that is not essential has no say, as in `prepare`.
    ///
    /// - Parameter catalogue: Makes the services.
    /// - Returns: What is in the way, too.
    func check(with catalogue: Catalogue) async -> [LoadError] {
        var errors: [LoadError] = []
        for entry in plan.entries where entry.step.startsInstance {
            guard let specification = specifications[entry.service], specification.essential else { continue }
            do {
                try await catalogue.service(for: specification, generation: state.generation).check()
            } catch {
                errors.append(explain.error(for: Failure(service: specification, error: error)))
            }
        }
        return errors
    }

    private mutating func start(
        _ specification: ServiceSpecification,
        _ service: any ConfigurableService,
        _ prepared: consuming PreparedService
    ) {
        let child = child(id(of: specification), of: specification, service)
        starting.append(PreparedChild(child, prepared: prepared))
        add(specification, service)
    }

    private mutating func start(
        _ specification: ServiceSpecification,
        _ service: any ConfigurableService,
        failed failure: String
    ) {
        let child = child(id(of: specification), of: specification, service)
        starting.append(PreparedChild(child, failed: failure))
        add(specification, service)
    }

    private mutating func add(_ specification: ServiceSpecification, _ service: any ConfigurableService) {
        state.members[specification.name] = RunningState.Member(
            child: id(of: specification),
            kind: specification.kind,
            service: service,
            listen: specification.listenRequests
        )
    }

    private func child(
        _ id: ChildID,
        of specification: ServiceSpecification,
        _ service: any ConfigurableService
    ) -> ChildSpecification {
        let service = ExplainedService(service: service, specification: specification, explain: explain)
        return ChildSpecification(id: id, of: specification, service: service)
    }

    private func id(of specification: ServiceSpecification) -> ChildID {
        ChildID(name: specification.name, generation: state.generation)
    }

    /// The roll-back.
    func discard() async {
        for child in starting { await child.discard() }
    }

    /// Applies live changes and says what changes in the tree; cannot fail.
    ///
    /// - Parameters:
    ///   - isOnTrial: A service that this load changes may not end the daemon before the trial is over.
    ///   - others: Children on trial already.
    /// - Returns: The change of the tree.
    mutating func commit(isOnTrial: Bool, _ others: Set<ChildID>) -> TreeChange {
        state.retired = running.retired.filter { $0.service.openConnections > 0 }
        var change = change(plan.entries)
        let kept = others.filter { state.members[$0.name]?.child == $0 }
        change.onTrial = Set((isOnTrial ? kept.union(changed) : kept).map(\.name))
        change.groups = state.configuration.groups.map { GroupSpecification($0) }
        return change
    }

    /// The same for the daemon's own endpoints.
    mutating func commitEndpoints() -> TreeChange {
        change(plan.endpoints)
    }

    private mutating func change(_ entries: [Plan.Entry]) -> TreeChange {
        var change = TreeChange()
        let names = Set(entries.map(\.service))
        change.start = starting.filter { names.contains($0.specification.id.name) }
        for entry in entries {
            switch entry.step {
            case .keep, .start: break
            case .apply:
                guard let specification = specifications[entry.service], let member = state.members[entry.service]
                else {
                    continue
                }
                member.service.apply(specification, generation: state.generation)
                change.update.append(child(member.child, of: specification, member.service))
            case .adopt, .restart, .stop:
                guard let member = running.members[entry.service] else { continue }
                change.stop.append(member.child)
                // Whoever asks for what still drains does not mean the connection by which he asks.
                if !member.kind.isEndpoint { state.retired.append(member) }
            }
        }
        return change
    }
}
