import ControlPlane
import Logging
import NIOCore
import ServiceConfiguration
import Services
import Sockets

/// Makes what serves the addresses of the daemon itself.
struct Endpoints: Sendable {
    let steering: DaemonSteering
    let group: any EventLoopGroup
    let listeners: ListenerTable
    let clock: EventLoopClock

    /// - Parameters:
    ///   - specification: Of the kind endpoint.
    ///   - log: Carries the endpoint's name.
    /// - Returns: The service, not prepared yet.
    func service(for specification: ServiceSpecification, log: Logger) -> any ConfigurableService {
        guard let kind = specification.endpoint else {
            preconditionFailure("an endpoint was given the settings of another kind")
        }
        switch kind {
        case .control:
            return service(specification, ControlHandling(steering: steering, clock: clock, log: log), log)
        case .status:
            return service(specification, StatusHandling(steering: steering, clock: clock, log: log), log)
        }
    }

    private func service(
        _ specification: ServiceSpecification,
        _ handling: some StreamHandling,
        _ log: Logger
    ) -> any ConfigurableService {
        StreamService(specification, handling: handling, group: group, listeners: listeners, clock: clock, log: log)
    }
}

extension ServiceKind {
    /// True for an address of the daemon itself.
    var isEndpoint: Bool {
        switch self {
        case .endpoint: true
        case .echo, .forward, .proxyBridge, .process: false
        }
    }
}
