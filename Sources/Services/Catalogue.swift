package import Logging
package import NIOCore
package import Processes
package import ServiceConfiguration
package import Sockets

/// Makes the service of a specification: the only switch over the kinds.
package struct Catalogue: Sendable {
    private let group: any EventLoopGroup
    private let listeners: ListenerTable
    private let warden: Warden
    private let clock: any Clock<Duration>
    private let pools: UpstreamPools
    private let refused: RefusedCredentials
    private let contexts: TLSContexts
    private let trails = Trails()
    private let output: @Sendable (String) -> any LineReceiver
    private let log: Logger
    private let stopped: @Sendable (ServiceLedger) -> Void
    private let endpoint: @Sendable (ServiceSpecification, Logger) -> any ConfigurableService

    /// - Parameters:
    ///   - group: The event loops of every service.
    ///   - listeners: Owns the listening sockets of every service.
    ///   - warden: Starts the programs of process services.
    ///   - clock: Measures the silence of event loops, and the time of probes.
    ///   - pools: Allocates the members of upstream pools.
    ///   - refused: Knows which credentials must not be shown now.
    ///   - contexts: Have what TLS to upstreams needs.
    ///   - output: Makes the receiver of the lines that the program of a service, named, writes.
    ///   - log: The daemon's; each service adds its name.
    ///   - stopped: Hears the balance of each stream service when it has stopped.
    ///   - endpoint: Makes what serves an address of the daemon itself, which is no matter of this floor.
    package init(
        group: any EventLoopGroup,
        listeners: ListenerTable,
        warden: Warden,
        clock: any Clock<Duration> = ContinuousClock(),
        pools: UpstreamPools = UpstreamPools(),
        refused: RefusedCredentials = RefusedCredentials(),
        contexts: TLSContexts = TLSContexts(),
        output: @escaping @Sendable (String) -> any LineReceiver = { _ in DiscardedOutput() },
        log: Logger,
        stopped: @escaping @Sendable (ServiceLedger) -> Void = { _ in },
        endpoint: @escaping @Sendable (ServiceSpecification, Logger) -> any ConfigurableService = { _, _ in
            preconditionFailure("a catalogue without endpoints was asked for one")
        }
    ) {
        self.endpoint = endpoint
        self.group = group
        self.listeners = listeners
        self.warden = warden
        self.clock = clock
        self.pools = pools
        self.refused = refused
        self.contexts = contexts
        self.output = output
        self.log = log
        self.stopped = stopped
    }

    /// A service that runs `specification`; it holds nothing before it is prepared.
    ///
    /// - Parameters:
    ///   - specification: The first settings.
    ///   - generation: The number of the configuration that they come from.
    /// - Returns: The service, not prepared yet.
    package func service(for specification: ServiceSpecification, generation: UInt64) -> any ConfigurableService {
        var log = log
        log[metadataKey: "service"] = "\(specification.name)"
        switch specification.kind {
        case .echo:
            return stream(specification, EchoHandling(), log)
        case .forward:
            return stream(specification, ForwardHandling(log: log), log)
        case .proxyBridge:
            return ProxyBridgeService(
                specification,
                generation: generation,
                group: group,
                listeners: listeners,
                pools: pools,
                refused: refused,
                contexts: contexts,
                trails: trails,
                clock: clock,
                log: log,
                stopped: stopped
            )
        case .process:
            return ProcessService(
                specification,
                warden: warden,
                listeners: listeners,
                group: group,
                log: log,
                output: output(specification.name)
            )
        case .endpoint:
            return endpoint(specification, log)
        }
    }

    /// What a bridge has to ask its upstream before it runs `specification`; nil: nothing.
    ///
    /// - Parameters:
    ///   - specification: Its next settings.
    ///   - generation: The number of the configuration that they come from, which is staged.
    ///   - running: Its present settings with their generation; nil for a bridge that starts an instance.
    /// - Returns: The question; nil also when nothing has changed that it would be about.
    package func question(
        for specification: ServiceSpecification,
        generation: UInt64,
        since running: (specification: ServiceSpecification, generation: UInt64)?
    ) -> ProbeQuestion? {
        guard let (settings, route) = route(of: specification, generation: generation) else { return nil }
        if let running, let (old, oldRoute) = self.route(of: running.specification, generation: running.generation),
            old.probe == settings.probe, oldRoute.isSameWay(as: route)
        {
            return nil
        }
        return ProbeQuestion(specification.name, settings, via: route)
    }

    private func route(
        of specification: ServiceSpecification,
        generation: UInt64
    ) -> (BridgeSettings, UpstreamRoute)? {
        guard case .proxyBridge(let settings) = specification.kind else { return nil }
        switch settings.upstream {
        case .direct: return (settings, .direct)
        case .proxy(let upstream): return (settings, .proxy(upstream))
        case .pool:
            return pools.upstream(of: specification.name, generation: generation).map { (settings, .proxy($0)) }
        }
    }

    /// Asks the upstreams; each different question once.
    ///
    /// - Parameter questions: One for each bridge.
    /// - Returns: The answer to each, in their order; a cancelled task gets what there is.
    package func answers(to questions: [ProbeQuestion]) async -> [ProbeAnswer] {
        guard !questions.isEmpty else { return [] }
        let probes = UpstreamProbes(group: group, contexts: contexts, refused: refused, clock: clock)
        return await probes.answers(to: questions)
    }

    private func stream(
        _ specification: ServiceSpecification,
        _ handling: some StreamHandling,
        _ log: Logger
    ) -> any ConfigurableService {
        StreamService(
            specification,
            handling: handling,
            group: group,
            listeners: listeners,
            clock: clock,
            log: log,
            stopped: stopped
        )
    }
}
