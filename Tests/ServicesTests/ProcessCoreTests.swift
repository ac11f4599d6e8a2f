import Addresses
import Glibc
import Processes
import ServiceConfiguration
import Supervision
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProcessCoreTests {
    private static let address = Destination.host("127.0.0.1", port: 80)

    private static func rules(
        _ fact: ReadySettings.Fact = .started,
        health consequence: HealthSettings.Consequence? = nil,
        watchdog: Duration? = nil
    ) -> ProcessRules {
        let position = SourcePosition(file: "services.yaml", line: 1, column: 1)
        var settings = ProcessSettings(program: Located("program", at: position), arguments: [])
        settings.ready.fact = fact
        settings.health = consequence.map { consequence in
            var health = HealthSettings(check: .tcp(address))
            health.failures = 2
            health.onUnhealthy = consequence
            return health
        }
        return ProcessRules(settings, watchdog: watchdog)
    }

    /// A core after inputs, one a second, with the actions of the last.
    private static func core(
        _ rules: ProcessRules,
        _ inputs: ProcessInput...
    ) -> (core: ProcessCore, last: [ProcessAction]) {
        var core = ProcessCore(rules, at: .zero)
        var last = core.begin(at: .zero)
        for (second, input) in inputs.enumerated() { last = core.handle(input, at: .seconds(second + 1)) }
        return (core, last)
    }

    // MARK: Every state with every input

    private enum Scene: String, CaseIterable, Sendable {
        case starting, ready, stopping, failing, killed, over

        var core: ProcessCore {
            let rules = ProcessCoreTests.rules(.notify, watchdog: .seconds(100))
            return switch self {
            case .starting: ProcessCoreTests.core(rules).core
            case .ready: ProcessCoreTests.core(rules, .notifiedReady).core
            case .stopping: ProcessCoreTests.core(rules, .stopRequested).core
            case .failing: ProcessCoreTests.core(rules, .watchdogTrigger).core
            case .killed: ProcessCoreTests.core(rules, .forced).core
            case .over: ProcessCoreTests.core(rules, .exited(.code(0))).core
            }
        }
    }

    /// What each input does in each state, at a time when nothing is due: `-` is nothing.
    private static let table: [(input: ProcessInput, outcomes: [String])] = [
        // starting, ready, stopping, failing, killed, over
        (.notifiedReady, ["ready", "-", "-", "-", "-", "-"]),
        (.watchdogPing, ["-", "-", "-", "-", "-", "-"]),
        (.watchdogTrigger, ["abort", "abort", "-", "-", "-", "-"]),
        (.probed(9, .good), ["-", "-", "-", "-", "-", "-"]),
        (.exited(.code(0)), ["normal", "normal", "normal", "crash", "normal", "-"]),
        (.exited(.code(3)), ["crash", "crash", "normal", "crash", "normal", "-"]),
        (.exited(.signal(9, dumpedCore: false)), ["crash", "crash", "normal", "crash", "normal", "-"]),
        (.stopRequested, ["term", "term", "-", "-", "-", "-"]),
        (.forced, ["kill", "kill", "kill", "kill", "-", "-"]),
        (.changed(rules(.notify)), ["-", "-", "-", "-", "-", "-"]),
        (.time, ["-", "-", "-", "-", "-", "-"]),
    ]

    private static func word(_ actions: [ProcessAction]) -> String {
        switch actions {
        case []: "-"
        case [.announceReady]: "ready"
        case [.signal(SIGTERM)]: "term"
        case [.signal(SIGABRT)]: "abort"
        case [.end(.normal)]: "normal"
        case let actions where actions.first == .kill: "kill"
        case let actions: if case .end(.crashed)? = actions.first { "crash" } else { "\(actions)" }
        }
    }

    @Test(arguments: table.indices)
    func `every input has its outcome in every state`(row: Int) {
        let (input, outcomes) = Self.table[row]
        for (scene, outcome) in zip(Scene.allCases, outcomes) {
            var core = scene.core
            let actions = core.handle(input, at: .seconds(2))
            #expect(Self.word(actions) == outcome, "\(scene.rawValue) with \(input)")
        }
    }

    // MARK: Becoming ready

    @Test
    func `a program without a readiness fact is ready when it runs`() {
        #expect(Self.core(Self.rules()).last == [.announceReady])
    }

    @Test
    func `a fact of another kind does not make a program ready`() {
        #expect(Self.core(Self.rules(.log("up")), .notifiedReady).last == [])
        #expect(Self.core(Self.rules(.log("up")), .lineMatched).last == [.announceReady])
    }

    @Test
    func `readiness probes come at once, then after pauses that double up to a second`() {
        var core = ProcessCore(Self.rules(.tcp(Self.address)), at: .zero)
        var now = Duration.zero
        #expect(core.begin(at: now) == [.probe(1, .tcp(Self.address), timeout: .seconds(5))])
        for (index, pause) in [25, 50, 100, 200, 400, 800, 1_000, 1_000].enumerated() {
            #expect(core.handle(.probed(index + 1, .bad("no")), at: now) == [])
            now += .milliseconds(pause)
            #expect(core.due == now)
            let probe = ProcessAction.probe(index + 2, .tcp(Self.address), timeout: .seconds(5))
            #expect(core.handle(.time, at: now) == [probe])
        }
        #expect(core.handle(.probed(8, .good), at: now) == [], "an answer to an earlier question")
        #expect(core.handle(.probed(9, .good), at: now) == [.announceReady])
    }

    @Test
    func `a probe does not outlast the time for becoming ready`() {
        var core = ProcessCore(Self.rules(.tcp(Self.address)), at: .zero)
        _ = core.begin(at: .zero)
        _ = core.handle(.probed(1, .bad("no")), at: .seconds(28))
        let probe = ProcessAction.probe(2, .tcp(Self.address), timeout: .seconds(1))
        #expect(core.handle(.time, at: .seconds(29)) == [probe])
    }

    @Test
    func `a program that does not become ready in time is stopped and is a crash that says why`() {
        let url = ProbeURL(host: "127.0.0.1", port: 9222, path: "/json?token=hidden")
        var core = ProcessCore(Self.rules(.http(url)), at: .zero)
        _ = core.begin(at: .zero)
        #expect(core.due == .seconds(30))
        #expect(core.handle(.time, at: .seconds(30)) == [.signal(SIGTERM)])
        let text =
            "cannot become ready within 30s: http://127.0.0.1:9222/json did not answer; "
            + "see its output or raise ready.timeout"
        #expect(core.handle(.exited(.code(0)), at: .seconds(31)) == [.end(.crashed(text))])
    }

    // MARK: Health

    @Test(arguments: [HealthSettings.Consequence.restart, .mark, .ignore])
    func `failed checks in a row have their consequence, good ones in between count`(
        consequence: HealthSettings.Consequence
    ) {
        var core = ProcessCore(Self.rules(health: consequence), at: .zero)
        _ = core.begin(at: .zero)
        var probes = 0
        func check(_ result: ProbeResult) -> [ProcessAction] {
            probes += 1
            let due = core.due ?? .zero
            #expect(core.handle(.time, at: due) == [.probe(probes, .tcp(Self.address), timeout: .seconds(1))])
            #expect(core.due == nil, "one check at a time")
            return core.handle(.probed(probes, result), at: due)
        }
        #expect(core.due == .seconds(10))
        #expect(check(.bad("no")) == [])
        #expect(check(.good) == [])
        #expect(check(.bad("no")) == [])
        let actions = check(.bad("nobody home"))
        switch consequence {
        case .restart:
            #expect(actions == [.signal(SIGTERM)])
            let end = core.handle(.exited(.signal(SIGTERM, dumpedCore: false)), at: .seconds(41))
            let text =
                "cannot stay healthy: 2 checks in a row failed, the last one because nobody home; "
                + "see its output or raise health.failures"
            #expect(end == [.end(.crashed(text))])
        case .mark:
            #expect(actions == [.report(.unhealthy("2 checks in a row failed: nobody home"))])
            #expect(check(.bad("no")) == [], "told once")
            #expect(check(.good) == [.report(.fine)])
        case .ignore:
            #expect(actions == [.warn("unhealthy, which is ignored: 2 checks in a row failed: nobody home")])
            #expect(check(.good) == [.warn("healthy again")])
        }
    }

    @Test
    func `a reload that changes the check begins it anew and forgets the mark`() {
        var core = ProcessCore(Self.rules(health: .mark), at: .zero)
        _ = core.begin(at: .zero)
        for number in 1...2 {
            _ = core.handle(.time, at: core.due ?? .zero)
            _ = core.handle(.probed(number, .bad("no")), at: .seconds(20))
        }
        var rules = Self.rules(health: .mark)
        rules.stopSignal = SIGINT
        #expect(core.handle(.changed(rules), at: .seconds(21)) == [], "the check is the same")
        rules.health?.interval = .seconds(5)
        #expect(core.handle(.changed(rules), at: .seconds(22)) == [.report(.fine)])
        #expect(core.due == .seconds(27))
        rules.health = nil
        #expect(core.handle(.changed(rules), at: .seconds(23)) == [])
        #expect(core.due == nil)
        #expect(core.handle(.stopRequested, at: .seconds(24)) == [.signal(SIGINT)])
    }

    // MARK: Watchdog

    @Test
    func `a silent program is aborted, one that pings goes on`() {
        var core = ProcessCore(Self.rules(.notify, watchdog: .seconds(10)), at: .zero)
        _ = core.begin(at: .zero)
        #expect(core.due == .seconds(30), "not watched before it is ready")
        _ = core.handle(.notifiedReady, at: .seconds(20))
        _ = core.handle(.watchdogPing, at: .seconds(25))
        #expect(core.handle(.time, at: .seconds(30)) == [])
        #expect(core.due == .seconds(35))
        #expect(core.handle(.time, at: .seconds(35)) == [.signal(SIGABRT)])
        let end = core.handle(.exited(.signal(SIGABRT, dumpedCore: true)), at: .seconds(36))
        let text = "cannot tell that it lives: watchdog: silent for 10s; see its output or raise watchdog"
        #expect(end == [.end(.crashed(text))])
    }

    @Test
    func `a supervisor that was stopped itself gives the program another chance`() {
        var core = Self.core(Self.rules(watchdog: .seconds(10))).core
        #expect(core.handle(.time, at: .seconds(600)) == [])
        #expect(core.due == .milliseconds(602_500))
        #expect(core.handle(.time, at: .milliseconds(602_500)) == [.signal(SIGABRT)])
    }

    // MARK: Stopping

    @Test
    func `a program that ignores the request is killed after its time, and named`() {
        var core = Self.core(Self.rules(), .stopRequested).core
        #expect(core.due == .seconds(11))
        #expect(core.handle(.time, at: .seconds(10)) == [])
        let text = "did not end within 10s after SIGTERM: killed"
        #expect(core.handle(.time, at: .seconds(11)) == [.kill, .reportForced(text)])
        #expect(core.due == nil)
        #expect(core.handle(.exited(.signal(SIGKILL, dumpedCore: false)), at: .seconds(12)) == [.end(.normal)])
    }

    @Test
    func `a stop signal of KILL kills everything at once and is not forced`() {
        var rules = Self.rules()
        rules.stopSignal = SIGKILL
        #expect(Self.core(rules, .stopRequested).last == [.kill])
    }

    @Test
    func `a failure stays one when the stop is requested meanwhile`() {
        let (_, last) = Self.core(Self.rules(.notify), .watchdogTrigger, .stopRequested, .forced, .exited(.code(0)))
        let text = "cannot tell that it lives: watchdog: the program says that it is stuck; see its output"
        #expect(last == [.end(.crashed(text))])
    }

    // MARK: Exits

    @Test(arguments: [
        (Processes.ExitStatus.code(0), nil),
        (.code(7), nil),
        (.code(3), "cannot go on: exit code 3; see its output, or list the code in success_exit_codes"),
        (.signal(9, dumpedCore: false), "cannot go on: signal 9; see its output, or find who sent the signal"),
    ])
    func `a listed exit code is a normal exit, everything else a crash in words`(
        status: Processes.ExitStatus,
        text: String?
    ) {
        var rules = Self.rules()
        rules.successExitCodes = [0, 7]
        let ending = text.map { ProcessEnding.crashed($0) } ?? .normal
        #expect(Self.core(rules, .exited(status)).last == [.end(ending)])
    }
}
