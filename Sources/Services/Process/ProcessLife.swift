import Logging
import NIOCore
import Processes
import Sockets
import Supervision

/// One run of a program: does what the core decides, and ends with the proof that nothing is left.
struct ProcessLife: ~Copyable {
    private let program: ChildProcess
    private let sockets: PassedSockets
    private let lifetime: Lifetime
    private let mailbox: ProcessMailbox
    private let probes: ProbeRunner
    private let log: Logger
    private var core: ProcessCore
    private var alarm: ProcessAlarm

    init(
        _ program: consuming ChildProcess,
        _ sockets: consuming PassedSockets,
        _ lifetime: consuming Lifetime,
        of run: ProcessRun
    ) {
        self.program = program
        self.sockets = sockets
        self.lifetime = lifetime
        mailbox = run.mailbox
        probes = run.service.probes(like: run.request)
        log = run.service.log
        alarm = ProcessAlarm(mailbox, on: probes.group.next())
        core = ProcessCore(run.rules, at: alarm.now)
    }

    consuming func run() async -> Exit {
        log.info("running", metadata: ["pid": "\(program.pid)"])
        hearOfStop()
        let ending = await serve()
        alarm.stop()
        let reaped = await program.wait()
        log.info("ended", metadata: ["status": "\(reaped.status)"])
        if reaped.droppedOutput { log.warning("the last output of the program was not read and is lost") }
        let stopped = lifetime.end(with: ReleasedProcess(reaped, sockets.close()))
        switch ending {
        case .normal: return .normal(stopped)
        case .crashed(let text): return .crashed(stopped, ProcessFailure(description: text))
        }
    }

    /// Acts until the program has exited.
    private mutating func serve() async -> ProcessEnding {
        if let ending = perform(core.begin(at: alarm.now)) { return ending }
        while true {
            for input in await mailbox.receive() {
                if let ending = perform(core.handle(input, at: alarm.now)) { return ending }
            }
            alarm.set(core.due)
        }
    }

    /// Returns how the life ends, when it does.
    private mutating func perform(_ actions: [ProcessAction]) -> ProcessEnding? {
        for action in actions {
            switch action {
            case .announceReady: lifetime.ready()
            case .report(let condition): lifetime.report(condition)
            case .warn(let text): log.warning("\(text)")
            case .signal(let number): program.signal(number)
            case .kill: program.kill()
            case .reportForced(let text): lifetime.report(forced: ["process pid=\(program.pid): \(text)"])
            case .probe(let number, let probe, let timeout): start(probe, number, timeout)
            case .end(let ending): return ending
            }
        }
        alarm.set(core.due)
        return nil
    }

    private func hearOfStop() {
        let view = lifetime.view
        let mailbox = mailbox
        submit("wait for the request to stop") {
            await view.stopRequested()
            // Of a cancellation the task that runs the life hears by itself.
            if !Task.isCancelled { mailbox.send(.stopRequested) }
        }
    }

    private func start(_ probe: Probe, _ number: Int, _ timeout: Duration) {
        let probes = probes
        let mailbox = mailbox
        submit("probe") {
            mailbox.send(.probed(number, await probes.run(probe, timeout: timeout)))
        }
    }

    private func submit(_ name: String, _ operation: @escaping @Sendable () async -> Void) {
        do {
            _ = try lifetime.tasks.submit(name, operation: operation)
        } catch {
            // The pool is the life's own: it closes after the life, and a life has two tasks at a time.
            preconditionFailure("\(error)")
        }
    }
}
