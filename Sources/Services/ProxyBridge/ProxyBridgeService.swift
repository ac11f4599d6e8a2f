package import Logging
package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision

/// An HTTP proxy that sends everything through one upstream, with the upstream's credential.
package final class ProxyBridgeService: ConfigurableService {
    private let routes: BridgeRoutes
    private let stream: StreamService<ProxyBridgeHandling>

    /// - Parameters:
    ///   - specification: The first settings; of the kind proxy bridge.
    ///   - generation: The number of the configuration that they come from.
    ///   - group: The event loops over which connections are spread.
    ///   - listeners: Owns the listening sockets.
    ///   - clock: Measures the silence of event loops, when the specification limits it.
    ///   - log: Carries the service's name.
    ///   - stopped: Hears the balance of each life.
    package init(
        _ specification: ServiceSpecification,
        generation: UInt64,
        group: any EventLoopGroup,
        listeners: ListenerTable,
        clock: any Clock<Duration> = ContinuousClock(),
        log: Logger,
        stopped: @escaping @Sendable (ServiceLedger) -> Void = { _ in }
    ) {
        routes = BridgeRoutes(Self.snapshot(of: specification, generation: generation))
        let handling = ProxyBridgeHandling(name: specification.name, routes: routes, log: log)
        stream = StreamService(
            specification,
            handling: handling,
            group: group,
            listeners: listeners,
            clock: clock,
            log: log,
            stopped: stopped
        )
    }

    package func prepare() async throws -> PreparedService {
        try await stream.prepare()
    }

    /// The next request uses the new upstream and credential, on whatever connection it comes; open tunnels go on.
    package func apply(_ specification: ServiceSpecification, generation: UInt64) {
        routes.publish(Self.snapshot(of: specification, generation: generation))
        stream.apply(specification, generation: generation)
    }

    package var openConnections: Int { stream.openConnections }

    private static func snapshot(of specification: ServiceSpecification, generation: UInt64) -> RouteSnapshot {
        guard case .proxyBridge(let bridge) = specification.kind else {
            preconditionFailure("a proxy bridge was given the settings of another kind")
        }
        return RouteSnapshot(bridge, idle: specification.idleTimeout, generation: generation)
    }
}
