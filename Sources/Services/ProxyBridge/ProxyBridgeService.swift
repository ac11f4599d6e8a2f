package import Logging
package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision
import Synchronization

/// An HTTP proxy that sends everything through one upstream, with the upstream's credential.
package final class ProxyBridgeService: ConfigurableService {
    private struct State {
        var specification: ServiceSpecification
        var generation: UInt64
        /// A life has run: the next one takes another member of its pool.
        var hasRun = false

        var bridge: BridgeSettings {
            guard case .proxyBridge(let bridge) = specification.kind else {
                preconditionFailure("a proxy bridge was given the settings of another kind")
            }
            return bridge
        }
    }

    private let name: String
    private let routes = BridgeRoutes()
    private let pools: UpstreamPools
    private let contexts: TLSContexts
    private let log: Logger
    private let stream: StreamService<ProxyBridgeHandling>
    private let state: Mutex<State>

    /// - Parameters:
    ///   - specification: The first settings; of the kind proxy bridge.
    ///   - generation: The number of the configuration that they come from.
    ///   - group: The event loops over which connections are spread.
    ///   - listeners: Owns the listening sockets.
    ///   - pools: Allocates the members of pools.
    ///   - contexts: Have what TLS to upstreams needs.
    ///   - clock: Measures the silence of event loops, when the specification limits it.
    ///   - log: Carries the service's name.
    ///   - stopped: Hears the balance of each life.
    package init(
        _ specification: ServiceSpecification,
        generation: UInt64,
        group: any EventLoopGroup,
        listeners: ListenerTable,
        pools: UpstreamPools,
        contexts: TLSContexts,
        clock: any Clock<Duration> = ContinuousClock(),
        log: Logger,
        stopped: @escaping @Sendable (ServiceLedger) -> Void = { _ in }
    ) {
        name = specification.name
        self.pools = pools
        self.contexts = contexts
        self.log = log
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
        state = Mutex(State(specification: specification, generation: generation))
    }

    package func prepare() async throws -> PreparedService {
        let state = state.withLock { $0 }
        guard case .pool(let pool) = state.bridge.upstream else {
            publishRoute()
            let prepared = try await stream.prepare()
            warnOfTrust()
            return prepared
        }
        guard let lease = pools.lease(name, generation: state.generation, anew: state.hasRun) else {
            throw PreparationError(
                at: state.specification.position.position,
                "cannot use the pool `\(pool.name)`: no member is allocated to `\(name)`; reload the configuration"
            )
        }
        publishRoute()
        let prepared: PreparedService
        do {
            prepared = try await stream.prepare()
        } catch {
            lease.release()
            throw error
        }
        return PreparedService(PooledPreparation(prepared, lease: lease) { [self] in beginLife() })
    }

    /// The next request uses the new upstream and credential, on whatever connection it comes; open tunnels go on.
    package func apply(_ specification: ServiceSpecification, generation: UInt64) {
        let old = routes.latest
        state.withLock { state in
            state.specification = specification
            state.generation = generation
        }
        publishRoute()
        if old?.upstreamID != routes.latest?.upstreamID { logAllocation() }
        if old?.upstream != routes.latest?.upstream { warnOfTrust() }
        stream.apply(specification, generation: generation)
    }

    package var openConnections: Int { stream.openConnections }

    package var details: ServiceDetails { ServiceDetails(upstream: routes.latest?.upstreamID) }

    /// Makes the present settings and the present member the route; under the lock, so that the latest ones win.
    private func publishRoute() {
        state.withLock { state in
            guard let route = route(of: state) else { return }
            let idle = state.specification.idleTimeout
            let generation = state.generation
            let snapshot = RouteSnapshot(
                state.bridge,
                via: route,
                idle: idle,
                generation: generation,
                contexts: contexts
            )
            routes.publish(snapshot)
        }
    }

    /// Nil when nothing is allocated to the service: it goes on as before, and cannot be prepared.
    private func route(of state: State) -> UpstreamRoute? {
        switch state.bridge.upstream {
        case .direct: .direct
        case .proxy(let upstream): .proxy(upstream)
        case .pool: pools.upstream(of: name, generation: state.generation).map { .proxy($0) }
        }
    }

    private func beginLife() {
        state.withLock { $0.hasRun = true }
        logAllocation()
        warnOfTrust()
    }

    private func warnOfTrust() {
        guard case .proxy(let upstream)? = routes.latest?.upstream, upstream.tls?.verifies == false else { return }
        log.warning(
            "cannot tell whether the upstream is the right one: remove `insecure_skip_verify`",
            metadata: ["upstream": "\(upstream.id)"]
        )
    }

    private func logAllocation() {
        let isPooled = state.withLock { state in
            if case .pool = state.bridge.upstream { true } else { false }
        }
        if isPooled, let member = routes.latest?.upstreamID { log.notice("allocated \(member)") }
    }
}
