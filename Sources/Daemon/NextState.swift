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
    private let specifications: [String: ServiceSpecification]

    init(from running: RunningState, to desired: Configuration, plan: Plan) {
        self.running = running
        self.plan = plan
        specifications = Dictionary(uniqueKeysWithValues: desired.services.map { ($0.name, $0) })
        state = RunningState(generation: running.generation + 1, configuration: desired, members: [:])
    }

    /// Prepares every service that starts an instance; goes on after a failure, so that all are reported.
    mutating func prepare(with catalogue: Catalogue) async -> [Failure] {
        var failures: [Failure] = []
        for entry in plan.entries {
            guard let specification = specifications[entry.service] else { continue }
            guard entry.step.startsInstance else {
                state.members[entry.service] = running.members[entry.service]
                continue
            }
            let id = ChildID(name: entry.service, generation: state.generation)
            let service = catalogue.service(for: specification, generation: state.generation)
            do {
                let prepared = try await service.prepare()
                let child = ChildSpecification(id: id, of: specification, service: service)
                starting.append(PreparedChild(child, prepared: prepared))
                state.members[entry.service] = RunningState.Member(
                    child: id,
                    service: service,
                    listen: specification.listenRequests
                )
            } catch {
                failures.append(Failure(service: specification, error: error))
            }
        }
        return failures
    }

    /// The roll-back.
    func discard() async {
        for child in starting { await child.discard() }
    }

    /// Applies live changes and says what changes in the tree; cannot fail.
    mutating func commit() -> TreeChange {
        state.retired = running.retired.filter { $0.service.openConnections > 0 }
        var change = TreeChange()
        change.start = starting
        for entry in plan.entries {
            switch entry.step {
            case .keep, .start: break
            case .apply:
                guard let specification = specifications[entry.service], let member = state.members[entry.service]
                else {
                    continue
                }
                member.service.apply(specification, generation: state.generation)
                change.update.append(ChildSpecification(id: member.child, of: specification, service: member.service))
            case .adopt, .restart, .stop:
                guard let member = running.members[entry.service] else { continue }
                change.stop.append(member.child)
                state.retired.append(member)
            }
        }
        return change
    }
}

extension ChildSpecification {
    /// How the tree runs a service.
    init(id: ChildID, of specification: ServiceSpecification, service: any Service) {
        self.init(
            id: id,
            requires: specification.requires,
            restart: RestartPolicy(specification.restart),
            drain: specification.drain,
            essential: specification.essential,
            service: service
        )
    }
}

extension RestartPolicy {
    init(_ settings: RestartSettings) {
        self.init()
        switch settings.policy {
        case .always: mode = .always
        case .onFailure: mode = .onFailure
        case .never: mode = .never
        }
        initialDelay = settings.backoff.initial
        factor = settings.backoff.factor
        maximumDelay = settings.backoff.max
        jitter = settings.backoff.jitter
        intensity = settings.intensity
        period = settings.period
        resetAfter = settings.resetAfter
    }
}
