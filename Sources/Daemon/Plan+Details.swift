import ControlPlane
import Planning
import ServiceConfiguration
import Services
import Sockets

extension Plan {
    /// What the steps mean for what runs.
    ///
    /// - Parameters:
    ///   - state: What runs now.
    ///   - desired: What is to run.
    /// - Returns: Something for every entry, by service.
    func details(from state: RunningState, to desired: Configuration) -> [String: StepDetail] {
        let specifications = Dictionary(uniqueKeysWithValues: desired.services.map { ($0.name, $0) })
        let pairs = entries.map { entry in
            var detail = StepDetail()
            let service = state.members[entry.service]?.service
            switch entry.step {
            case .keep, .start: break
            case .apply: detail.connections = specifications[entry.service].flatMap { service?.ends(by: $0, entry) }
            case .adopt, .restart, .stop:
                detail.connections = service?.table?.count
                detail.pid = service?.details.pid
            }
            return (entry.service, detail)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}

extension ConfigurableService {
    /// How many tunnels go with their upstream when the settings change.
    fileprivate func ends(by specification: ServiceSpecification, _ entry: Plan.Entry) -> Int? {
        guard case .proxyBridge(let bridge) = specification.kind, bridge.onSwap != .keep,
            entry.causes.contains(where: { $0.hasSuffix(".upstream") })
        else { return nil }
        return details.counters?.openTunnels
    }
}
