import Processes

/// What can happen in the life of a program, as the core hears it.
enum ProcessInput: Hashable, Sendable {
    /// `READY=1`.
    case notifiedReady
    /// A line of output contains the text of `ready: log`.
    case lineMatched
    /// `WATCHDOG=1`.
    case watchdogPing
    /// `WATCHDOG=trigger`.
    case watchdogTrigger
    /// The probe of that number has ended.
    case probed(Int, ProbeResult)
    /// The program has ended.
    case exited(ExitStatus)
    /// The supervisor asks the service to stop.
    case stopRequested
    /// The supervisor does not wait any longer.
    case forced
    /// Settings were changed by a reload.
    case changed(ProcessRules)
    /// The time that the core named as due has come.
    case time

    /// True for what means nothing more when it is said twice.
    var isRepeatable: Bool {
        switch self {
        case .notifiedReady, .lineMatched, .watchdogPing, .watchdogTrigger, .stopRequested, .forced, .time: true
        case .probed, .exited, .changed: false
        }
    }

    init(_ event: ProcessEvent) {
        switch event {
        case .ready: self = .notifiedReady
        case .watchdog: self = .watchdogPing
        case .watchdogTrigger: self = .watchdogTrigger
        case .exited(let status): self = .exited(status)
        }
    }
}
