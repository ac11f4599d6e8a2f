import ServiceConfiguration
import Supervision

extension ChildSpecification {
    /// What a process may take beyond its own `stop_timeout` until its last descendant is reaped.
    ///
    /// The service itself kills at that time; the tree would only do the same with less knowledge.
    private static let reapTime = Duration.seconds(1)

    /// What a client of an endpoint may take to read the rest of its answer.
    private static let endpointDrain = Duration.seconds(1)

    /// How the tree runs a service.
    init(id: ChildID, of specification: ServiceSpecification, service: any Service) {
        let drain: Duration
        let replacement: Replacement
        switch specification.kind {
        case .echo, .forward, .proxyBridge:
            drain = specification.drain
            replacement = .overlapping
        case .endpoint:
            drain = Self.endpointDrain
            replacement = .overlapping
        case .process(let process):
            drain = process.stopTimeout + Self.reapTime
            replacement = .afterStop
        }
        self.init(
            id: id,
            requires: specification.requires,
            restart: RestartPolicy(specification.restart),
            drain: drain,
            // Without its endpoints the daemon still serves.
            essential: specification.essential && !specification.kind.isEndpoint,
            replacement: replacement,
            service: service
        )
    }
}

extension RestartPolicy {
    /// The policy of the key `restart`.
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

extension GroupSpecification {
    /// How the tree runs a group.
    init(_ settings: GroupSettings) {
        let strategy: Strategy =
            switch settings.strategy {
            case .oneForOne: .oneForOne
            case .oneForAll: .oneForAll
            case .restForOne: .restForOne
            }
        self.init(
            name: settings.name,
            strategy: strategy,
            intensity: settings.intensity,
            period: settings.period,
            members: settings.children
        )
    }
}
