import YAML

/// The common settings of a service: the defaults of the schema, then `defaults`, then the service's own keys.
struct CommonSettings {
    var instances: Int?
    /// False when `instances` is there but was reported.
    var isInstanceCountKnown = true
    var restart = RestartSettings()
    var isEnabled = true
    var essential = true
    var drain = Duration.seconds(10)
    var maxConnections = 10_000
    var idleTimeout: Duration?
    var watchdog: Duration?

    /// Replaces what the mapping has a key for.
    mutating func apply(_ fields: Fields) {
        instances = fields.integer("instances") ?? instances
        isEnabled = fields.boolean("enabled") ?? isEnabled
        essential = fields.boolean("essential") ?? essential
        drain = fields.duration("drain") ?? drain
        maxConnections = fields.integer("max_connections") ?? maxConnections
        if fields.isNull("idle_timeout") { idleTimeout = nil }
        if let idle = fields.duration("idle_timeout") { idleTimeout = idle == .zero ? nil : idle }
        watchdog = fields.duration("watchdog") ?? watchdog
        applyRestart(fields)
    }

    /// Takes one instance for granted where `instances` is there but was reported, so that nothing else is.
    mutating func assumeInstance(from mappings: [Fields]) {
        if let instances, (1...Schema.serviceLimit).contains(instances) { return }
        guard mappings.contains(where: { $0.mentions("instances", in: Schema.common) }) else { return }
        instances = 1
        isInstanceCountKnown = false
    }

    private mutating func applyRestart(_ fields: Fields) {
        if let policy = fields.text("restart").flatMap(RestartSettings.Policy.init) { restart.policy = policy }
        let own = fields.mapping("restart")
        restart.policy = own.text("policy").flatMap(RestartSettings.Policy.init) ?? restart.policy
        restart.intensity = own.integer("intensity") ?? restart.intensity
        restart.period = own.duration("period") ?? restart.period
        restart.resetAfter = own.duration("reset_after") ?? restart.resetAfter
        let backoff = own.mapping("backoff")
        restart.backoff.initial = backoff.duration("initial") ?? restart.backoff.initial
        restart.backoff.factor = backoff.decimal("factor") ?? restart.backoff.factor
        restart.backoff.max = backoff.duration("max") ?? restart.backoff.max
        restart.backoff.jitter = backoff.decimal("jitter") ?? restart.backoff.jitter
    }
}
