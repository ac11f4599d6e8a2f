import ServiceConfiguration

/// The settings that decide over the life of a running program.
struct ProcessRules: Hashable, Sendable {
    var ready: ReadySettings
    var health: HealthSettings?
    var watchdog: Duration?
    var stopSignal: Int32
    var stopTimeout: Duration
    var successExitCodes: Set<Int32>

    init(_ settings: ProcessSettings, watchdog: Duration?) {
        ready = settings.ready
        health = settings.health
        self.watchdog = watchdog
        stopSignal = settings.stopSignal
        stopTimeout = settings.stopTimeout
        successExitCodes = settings.successExitCodes
    }
}
