import Addresses
import ControlPlane
import Logging
import NIOCore
import Processes
import ServiceConfiguration
import Services
import Sockets
import Supervision

/// The daemon's life: one loop that hands events to `DaemonCore` and carries out what it decides.
struct DaemonLoop {
    /// What the loop waits for.
    enum Happening: Sendable {
        case event(DaemonCore.Event)
        case loadEnded(LoadTransaction.End)
        case treeEnded(Supervisor.End)
        case status([ChildStatus])
        /// A child has become ready or has done its work.
        case arrived(ChildID)
        /// The daemon has started; the state of its children then.
        case started([ChildStatus])
    }

    private let sink: LogSink
    private let log: Logger
    private let clock: EventLoopClock
    private let feed: AsyncStream<Happening>.Continuation
    private let notifier: SystemdNotifier
    private let watchdog: Watchdog?
    private let listeners: ListenerTable
    private let tree: Supervisor
    private let transaction: LoadTransaction
    private let balance = ShutdownBalance()

    private var core = DaemonCore()
    private var state = RunningState()
    private var start = StartUp()
    private var callOff = CallOff()
    /// Why the daemon cannot go on: its last words.
    private var escalation: String?

    init(
        file: String,
        group: any EventLoopGroup,
        warden: Warden,
        clock: EventLoopClock,
        notifier: SystemdNotifier,
        sink: LogSink,
        log: Logger,
        feed: AsyncStream<Happening>.Continuation
    ) {
        self.sink = sink
        self.log = log
        self.clock = clock
        self.feed = feed
        self.notifier = notifier
        watchdog = Watchdog(notifier: notifier, group: group)
        listeners = ListenerTable()
        let (journal, balance, pools) = (TreeJournal(log: log), balance, UpstreamPools())
        let contexts = TLSContexts()
        tree = Supervisor(clock: clock) { event in
            journal.record(event)
            if let child = event.arrival { feed.yield(.arrived(child)) }
        }
        let catalogue = Catalogue(
            group: group,
            listeners: listeners,
            warden: warden,
            clock: clock,
            pools: pools,
            contexts: contexts,
            output: { ProcessOutput(service: $0, sink: sink) },
            log: log,
            stopped: {
                balance.add($0)
                journal.record($0)
            }
        )
        transaction = LoadTransaction(
            file: file,
            surroundings: Environment.surroundings(contexts),
            listeners: listeners,
            pools: pools,
            contexts: contexts,
            catalogue: catalogue,
            tree: tree,
            explain: AcquisitionExplanation { SocketHolder.process(holding: $0) },
            descriptorLimit: DescriptorLimit.raise(),
            log: log
        )
    }

    /// Runs until the tree has ended.
    ///
    /// - Returns: The exit code.
    consuming func run(_ happenings: AsyncStream<Happening>) async -> Int32 {
        var loop = self
        return await withDiscardingTaskGroup { group in
            let (tree, feed) = (loop.tree, loop.feed)
            group.addTask { feed.yield(.treeEnded(await tree.run())) }
            for action in loop.core.begin() { loop.perform(action, &group) }
            var code: Int32?
            for await happening in happenings {
                let actions = loop.handle(happening)
                for action in actions {
                    if case .exit(let value) = action { code = value }
                    loop.perform(action, &group)
                }
                if code != nil { break }
            }
            loop.watchdog?.cancel()
            group.cancelAll()
            return code ?? ExitCode.gaveUp
        }
    }

    private mutating func handle(_ happening: Happening) -> [DaemonCore.Action] {
        switch happening {
        case .event(let event): return core.handle(event)
        case .loadEnded(let end):
            let isFirst = state.generation == 0
            state = end.state
            let wasStarted = start.isOver
            let starts = state.generation > 0 && start.expect(state.essentialChildren)
            // At the first load the report itself says that the daemon has started.
            report(end.verdict, isFirst: isFirst, isStarted: wasStarted || (isFirst && starts))
            return core.handle(.loaded(failure: end.verdict.startFailure))
                + (starts && !isFirst ? core.handle(.started) : [])
        case .arrived(let child): return start.note(child) ? core.handle(.started) : []
        case .started(let children):
            announceStart(state.readiness(reached: [:], now: children))
            return []
        case .treeEnded(let end):
            switch end {
            case .shutDown(let forced): balance.add(killed: forced.count { member($0)?.service is ProcessService })
            case .escalated(let name, let reason):
                escalation = "cannot go on without `\(name)`, which gave up: \(reason); repair it and start again"
            }
            return core.handle(.treeEnded(Self.end(end, balance.sum)))
        case .status(let children):
            // Asked for, so written whatever the level of the log is.
            for line in statusReport(of: children).text {
                sink.write(LogLine(time: Timestamp.now(), level: .notice, message: line, metadata: [:]))
            }
            return []
        }
    }

    private mutating func perform(_ action: DaemonCore.Action, _ group: inout DiscardingTaskGroup) {
        switch action {
        case .load: load(&group)
        case .callOffLoad: callOff.request()
        case .announceShutdown: announceShutdown()
        case .delay: delay(&group)
        case .stopTree:
            listeners.retireAll()
            tree.shutDown(limit: state.configuration.shutdown.drain)
        case .forceTree:
            log.warning("forcing the shutdown, because it was asked for twice")
            tree.force()
        case .logStatus:
            let (tree, feed) = (tree, feed)
            group.addTask { feed.yield(.status(await tree.snapshot())) }
        case .announceStart:
            let (tree, feed) = (tree, feed)
            group.addTask { feed.yield(.started(await tree.snapshot())) }
        case .logBusy: log.notice("ignored the request to reload: shutting down")
        case .logWaiting: log.notice("the reload waits until what was started last is ready or has failed")
        case .exit(let code):
            if let sum = balance.sum { log.notice("shut down", metadata: sum.metadata(code: code)) }
            if let escalation { log.error("\(escalation)", metadata: ["code": "\(code)"]) }
        }
    }

    private mutating func load(_ group: inout DiscardingTaskGroup) {
        // A service manager that still waits for the start is not to take the end of a reload for it.
        if start.isOver { notifier.reloading() }
        callOff = CallOff()
        let (transaction, state, callOff, sink, feed) = (transaction, state, callOff, sink, feed)
        group.addTask {
            let end = await transaction.run(from: state, callOff: callOff) { configuration in
                sink.apply(configuration.log)
                feed.yield(.event(.committed))
            }
            feed.yield(.loadEnded(end))
        }
    }

    private func announceShutdown() {
        balance.begin(processes: state.members.values.count { $0.service is ProcessService })
        notifier.stopping(status: "generation \(state.generation): shutting down")
        log.notice("shutting down", metadata: ["generation": "\(state.generation)"])
    }

    private func delay(_ group: inout DiscardingTaskGroup) {
        let (delay, clock, feed) = (state.configuration.shutdown.delay, clock, feed)
        guard delay > .zero else { return _ = feed.yield(.event(.delayPassed)) }
        group.addTask {
            do {
                try await clock.sleep(for: delay)
                feed.yield(.event(.delayPassed))
            } catch {
                // Cancelled: the daemon has ended meanwhile.
            }
        }
    }

    private func report(_ verdict: Verdict, isFirst: Bool, isStarted: Bool) {
        if isFirst, verdict.outcome == .rejected {
            // Nothing runs: these lines are the answer to whoever started the command.
            for error in verdict.errors { sink.print("\(error)") }
            return
        }
        let generation: Logger.MetadataValue = "\(verdict.generation)"
        switch verdict.outcome {
        case .rejected:
            for error in verdict.errors { log.error("\(error)", metadata: ["generation": generation]) }
            log.error("reload rejected, nothing changed", metadata: ["generation": generation])
        case .applied, .unchanged, .calledOff:
            let level = verdict.isDegraded ? Logger.Level.warning : .notice
            log.log(level: level, "\(isFirst ? "start" : "reload") \(verdict)", metadata: ["generation": generation])
        }
        // After STOPPING=1 the service manager must not hear that the daemon is ready.
        guard !core.isEnding else { return }
        let status = statusText(verdict, isFirst: isFirst)
        if isStarted { notifier.ready(status: status) } else { notifier.status(status) }
    }

    /// The last essential service has become ready after the first load.
    private func announceStart(_ readiness: Readiness) {
        guard !core.isEnding else { return }
        log.notice("ready: \(readiness)", metadata: ["generation": "\(state.generation)"])
        notifier.ready(status: "generation \(state.generation): \(readiness)")
    }

    private func statusText(_ verdict: Verdict, isFirst: Bool) -> String {
        let text = isFirst ? verdict.readiness.map { "\($0)" } : nil
        return "generation \(verdict.generation): \(text ?? "reload \(verdict)")"
    }

    private func statusReport(of children: [ChildStatus]) -> StatusReport {
        let optional = Set(state.configuration.services.lazy.filter { !$0.essential }.map(\.name))
        return StatusReport(
            generation: state.generation,
            lines: children.map { child in
                let service = member(child.id)?.service
                let details = service?.details
                return StatusReport.Line(
                    child: child,
                    listen: addresses(of: child.id),
                    connections: service?.openConnections ?? 0,
                    isEssential: !optional.contains(child.id.name),
                    pid: details?.pid,
                    upstream: details?.upstreamText,
                    traffic: details?.counters?.description
                )
            }
        )
    }

    /// Where a service listens, with the ports that the kernel chose.
    private func addresses(of id: ChildID) -> [String] {
        guard let member = state.members[id.name], member.child == id else { return [] }
        return member.listen.compactMap { listeners.address(of: $0)?.description }
    }

    /// The service of a child, whether it is of this generation or still drains.
    private func member(_ id: ChildID) -> RunningState.Member? {
        if let current = state.members[id.name], current.child == id { return current }
        return state.retired.first { $0.child == id }
    }

    /// A service whose time was over although it had nothing left to cut was not forced.
    private static func end(_ end: Supervisor.End, _ sum: ShutdownBalance.Sum?) -> DaemonCore.TreeEnd {
        switch end {
        case .shutDown: sum?.isForced ?? false ? .forced : .clean
        case .escalated: .escalated
        }
    }
}

extension Verdict {
    /// The exit code when this was the daemon's first load and there is nothing to go on with.
    var startFailure: Int32 {
        switch outcome {
        case .applied, .unchanged, .calledOff: ExitCode.done
        case .rejected: exitCode == 65 ? ExitCode.configuration : ExitCode.unavailable
        }
    }
}
