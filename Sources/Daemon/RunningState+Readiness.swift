import ControlPlane
import ServiceConfiguration
import Supervision

extension RunningState {
    /// The children without which the daemon has not started.
    var essentialChildren: Set<ChildID> {
        Set(configuration.services.lazy.filter(\.essential).compactMap { members[$0.name]?.child })
    }

    /// What is ready after a load; a service that has ended as it should has done its work and counts as ready.
    ///
    /// - Parameters:
    ///   - reached: The first state of each child that the load started.
    ///   - now: The state of every child.
    /// - Returns: All services of the configuration, with those that are not ready.
    func readiness(reached: [ChildID: ChildState], now: [ChildStatus]) -> Readiness {
        let statuses = Dictionary(now.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        let unready = configuration.services.compactMap { specification -> Readiness.Unready? in
            guard let id = members[specification.name]?.child else { return nil }
            let status = statuses[id]
            guard reached[id] != .ready, status?.state != .ready, status?.state != .stopped else { return nil }
            return Readiness.Unready(
                service: specification.name,
                state: status?.state ?? reached[id] ?? .stopped,
                reason: status?.lastError ?? waiting(specification, for: statuses)
            )
        }
        return Readiness(services: configuration.services.count, unready: unready)
    }

    private func waiting(_ specification: ServiceSpecification, for statuses: [ChildID: ChildStatus]) -> String? {
        let missing = specification.requires.filter { name in
            members[name].flatMap { statuses[$0.child] }?.state != .ready
        }
        return missing.isEmpty ? nil : "waits for \(missing.joined(separator: ", "))"
    }
}
