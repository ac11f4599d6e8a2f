import Glibc
import Processes
import ServiceConfiguration
import Supervision

/// Decides over the life of a program, from its start to its exit.
///
/// Pure: inputs at a time go in, actions come out. `due` is when the core wants to hear of the time.
///
/// ```
/// starting    the fact          ready
///             timeout           stopping (failed)
///             exited            over
/// ready       failed checks     stopping (failed), or goes on marked
///             watchdog          stopping (failed)
///             exited            over
/// starting, ready   stop        stopping (requested)
/// stopping    timeout           killed
///             exited            over
/// any         forced            killed
/// killed      exited            over
/// ```
struct ProcessCore: Sendable {
    enum State: Hashable, Sendable {
        /// Runs; the fact that makes it ready is awaited.
        case starting(ReadinessWait)
        case ready(Serving)
        /// Has got a signal that ends it.
        case stopping(Stop)
        /// Has got SIGKILL, with all its descendants.
        case killed(Cause)
        case over
    }

    struct Serving: Hashable, Sendable {
        /// When the silence of the program is too long.
        var watchdogDue: Duration?
        var health: HealthWatch?

        var due: Duration? {
            [watchdogDue, health?.due].compactMap { $0 }.min()
        }
    }

    struct Stop: Hashable, Sendable {
        var cause: Cause
        var signal: Int32
        var killDue: Duration
        /// How long the program was given.
        var timeout: Duration
    }

    /// Why the program is being ended.
    enum Cause: Hashable, Sendable {
        case requested
        case failed(String)
    }

    /// A watchdog that is looked at later than by this part of its limit says nothing about the program.
    private static let lateness = 4

    private(set) var state: State
    private(set) var rules: ProcessRules
    private var lastProbe = 0

    /// The program was executed at `now`.
    init(_ rules: ProcessRules, at now: Duration) {
        self.rules = rules
        state = .starting(ReadinessWait(deadline: now + rules.ready.timeout))
    }

    /// When `time` has something to do; nil: not before another input.
    var due: Duration? {
        switch state {
        case .starting(let wait): wait.due
        case .ready(let serving): serving.due
        case .stopping(let stop): stop.killDue
        case .killed, .over: nil
        }
    }

    /// What to do first.
    mutating func begin(at now: Duration) -> [ProcessAction] {
        guard case .starting(let wait) = state else { return [] }
        switch rules.ready.fact {
        case .started: return becomeReady(at: now)
        case .notify, .log: return []
        case .tcp, .http: return ask(wait, at: now)
        }
    }

    mutating func handle(_ input: ProcessInput, at now: Duration) -> [ProcessAction] {
        switch (state, input) {
        case (.starting, .notifiedReady):
            return rules.ready.fact == .notify ? becomeReady(at: now) : []
        case (.starting, .lineMatched):
            return becomeReady(at: now)
        case (.starting(let wait), .probed(let number, let result)):
            return answered(wait, number, result, at: now)
        case (.starting(let wait), .time):
            return goOn(wait, at: now)
        case (.ready(let serving), .watchdogPing):
            return hear(serving, at: now)
        case (.ready(let serving), .probed(let number, let result)):
            return checked(serving, number, result, at: now)
        case (.ready(let serving), .time):
            return goOn(serving, at: now)
        case (.ready(let serving), .changed(let rules)):
            return change(serving, to: rules, at: now)
        case (.starting, .changed(let rules)), (.stopping, .changed(let rules)):
            self.rules = rules
            return []
        case (.starting, .watchdogTrigger), (.ready, .watchdogTrigger):
            return abort("the program says that it is stuck; see its output", at: now)
        case (.starting, .stopRequested), (.ready, .stopRequested):
            return stop(.requested, by: rules.stopSignal, at: now)
        case (.starting, .forced), (.ready, .forced):
            return kill(.requested, "was killed")
        case (.stopping(let stop), .forced):
            return kill(stop.cause, "was killed before it had ended after \(SignalName.of(stop.signal))")
        case (.stopping(let stop), .time):
            guard stop.killDue <= now else { return [] }
            let patience = stop.timeout.words
            return kill(stop.cause, "did not end within \(patience) after \(SignalName.of(stop.signal)): killed")
        case (.starting, .exited(let status)):
            return end(Self.ending(of: status, "become ready", rules))
        case (.ready, .exited(let status)):
            return end(Self.ending(of: status, "go on", rules))
        case (.stopping(let stop), .exited):
            return end(Self.ending(by: stop.cause))
        case (.killed(let cause), .exited):
            return end(Self.ending(by: cause))
        case (.starting, .watchdogPing),
            (.ready, .notifiedReady), (.ready, .lineMatched),
            (.stopping, .notifiedReady), (.stopping, .lineMatched), (.stopping, .watchdogPing),
            (.stopping, .watchdogTrigger), (.stopping, .probed), (.stopping, .stopRequested),
            (.killed, .notifiedReady), (.killed, .lineMatched), (.killed, .watchdogPing),
            (.killed, .watchdogTrigger), (.killed, .probed), (.killed, .stopRequested), (.killed, .forced),
            (.killed, .changed), (.killed, .time),
            (.over, .notifiedReady), (.over, .lineMatched), (.over, .watchdogPing), (.over, .watchdogTrigger),
            (.over, .probed), (.over, .exited), (.over, .stopRequested), (.over, .forced), (.over, .changed),
            (.over, .time):
            return []
        }
    }
}

// MARK: Becoming ready

extension ProcessCore {
    private mutating func becomeReady(at now: Duration) -> [ProcessAction] {
        state = .ready(
            Serving(watchdogDue: rules.watchdog.map { now + $0 }, health: rules.health.map { HealthWatch($0, at: now) })
        )
        return [.announceReady]
    }

    private mutating func ask(_ wait: ReadinessWait, at now: Duration) -> [ProcessAction] {
        guard let probe = Probe(rules.ready.fact) else { return [] }
        var wait = wait
        lastProbe += 1
        wait.phase = .asking(number: lastProbe)
        state = .starting(wait)
        return [.probe(lastProbe, probe, timeout: min(ReadinessWait.attemptLimit, wait.deadline - now))]
    }

    private mutating func answered(
        _ wait: ReadinessWait,
        _ number: Int,
        _ result: ProbeResult,
        at now: Duration
    ) -> [ProcessAction] {
        guard wait.phase == .asking(number: number) else { return [] }
        switch result {
        case .good:
            return becomeReady(at: now)
        case .bad(let problem):
            var wait = wait
            wait.record(problem, at: now)
            state = .starting(wait)
            return []
        }
    }

    private mutating func goOn(_ wait: ReadinessWait, at now: Duration) -> [ProcessAction] {
        if wait.deadline <= now {
            let problem = wait.problem ?? Self.absence(of: rules.ready.fact)
            let limit = rules.ready.timeout.words
            let text = "cannot become ready within \(limit): \(problem); see its output or raise ready.timeout"
            return stop(.failed(text), by: rules.stopSignal, at: now)
        }
        guard case .pausing(let until) = wait.phase, until <= now else { return [] }
        return ask(wait, at: now)
    }

    private static func absence(of fact: ReadySettings.Fact) -> String {
        switch fact {
        case .started: "it does not run"
        case .notify: "it did not say READY=1"
        case .tcp(let destination): "\(Probe.tcp(destination)) did not answer"
        case .http(let url): "\(Probe.http(url)) did not answer"
        case .log: "no line of its output contains the text of ready.log"
        }
    }
}

// MARK: Serving

extension ProcessCore {
    private mutating func hear(_ serving: Serving, at now: Duration) -> [ProcessAction] {
        var serving = serving
        serving.watchdogDue = rules.watchdog.map { now + $0 }
        state = .ready(serving)
        return []
    }

    private mutating func goOn(_ serving: Serving, at now: Duration) -> [ProcessAction] {
        var serving = serving
        if let limit = rules.watchdog, let due = serving.watchdogDue, due <= now {
            // Whoever comes late was stopped too (a suspended machine, SIGSTOP): the program gets another chance.
            if now - due < limit / Self.lateness {
                return abort("silent for \(limit.words); see its output or raise watchdog", at: now)
            }
            serving.watchdogDue = now + limit / Self.lateness
            state = .ready(serving)
        }
        guard let health = serving.health, let due = health.due, due <= now else { return [] }
        lastProbe += 1
        serving.health?.phase = .asking(number: lastProbe)
        state = .ready(serving)
        return [.probe(lastProbe, Probe(health.settings.check), timeout: health.settings.timeout)]
    }

    private mutating func checked(
        _ serving: Serving,
        _ number: Int,
        _ result: ProbeResult,
        at now: Duration
    ) -> [ProcessAction] {
        guard var health = serving.health, health.phase == .asking(number: number) else { return [] }
        let change = health.record(result, at: now)
        var serving = serving
        serving.health = health
        state = .ready(serving)
        switch (change, health.settings.onUnhealthy) {
        case (nil, .restart), (nil, .mark), (nil, .ignore), (.recovered, .restart):
            return []
        case (.becameUnhealthy(let problem), .restart):
            let count = health.settings.failures
            let text = "cannot stay healthy: \(Self.row(count)), the last one because \(problem)"
            return stop(.failed("\(text); see its output or raise health.failures"), by: rules.stopSignal, at: now)
        case (.becameUnhealthy(let problem), .mark):
            return [.report(.unhealthy("\(Self.row(health.settings.failures)): \(problem)"))]
        case (.becameUnhealthy(let problem), .ignore):
            return [.warn("unhealthy, which is ignored: \(Self.row(health.settings.failures)): \(problem)")]
        case (.recovered, .mark):
            return [.report(.fine)]
        case (.recovered, .ignore):
            return [.warn("healthy again")]
        }
    }

    private static func row(_ count: Int) -> String {
        count == 1 ? "a check failed" : "\(count) checks in a row failed"
    }

    /// A changed check starts anew; one that is as before goes on.
    private mutating func change(_ serving: Serving, to rules: ProcessRules, at now: Duration) -> [ProcessAction] {
        let isNewCheck = self.rules.health != rules.health
        self.rules = rules
        guard isNewCheck else { return [] }
        let old = serving.health
        var serving = serving
        serving.health = rules.health.map { HealthWatch($0, at: now) }
        state = .ready(serving)
        return old?.isHealthy == false ? [.report(.fine)] : []
    }
}

// MARK: Ending

extension ProcessCore {
    /// SIGABRT leaves a core dump, by which one can find out what the program was doing.
    private mutating func abort(_ reason: String, at now: Duration) -> [ProcessAction] {
        stop(.failed("cannot tell that it lives: watchdog: \(reason)"), by: SIGABRT, at: now)
    }

    private mutating func stop(_ cause: Cause, by signal: Int32, at now: Duration) -> [ProcessAction] {
        if signal == SIGKILL {
            state = .killed(cause)
            return [.kill]
        }
        let timeout = rules.stopTimeout
        state = .stopping(Stop(cause: cause, signal: signal, killDue: now + timeout, timeout: timeout))
        return [.signal(signal)]
    }

    private mutating func kill(_ cause: Cause, _ text: String) -> [ProcessAction] {
        state = .killed(cause)
        return [.kill, .reportForced(text)]
    }

    private mutating func end(_ ending: ProcessEnding) -> [ProcessAction] {
        state = .over
        return [.end(ending)]
    }

    /// The ending of a program that exited by itself; a job that is done may end before it is ready.
    private static func ending(of status: ExitStatus, _ aim: String, _ rules: ProcessRules) -> ProcessEnding {
        switch status {
        case .code(let code) where rules.successExitCodes.contains(code):
            return .normal
        case .code:
            return .crashed("cannot \(aim): \(status); see its output, or list the code in success_exit_codes")
        case .signal:
            return .crashed("cannot \(aim): \(status); see its output, or find who sent the signal")
        }
    }

    private static func ending(by cause: Cause) -> ProcessEnding {
        switch cause {
        case .requested: .normal
        case .failed(let text): .crashed(text)
        }
    }
}
