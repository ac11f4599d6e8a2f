import Addresses
import ControlPlane
import Logging
import NIOCore
import Planning
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
        /// The load under way has come so far.
        case progress(LoadProgress.Phase)
        case committed(Commit)
        case loadEnded(LoadTransaction.End)
        /// The time of the trial of this generation is over.
        case trialOver(UInt64)
        /// Going back from this generation was rejected, and may be tried again.
        case reversalDue(UInt64)
        case tree(SupervisionEvent)
        case treeEnded(Supervisor.End)
        /// Nothing serves the daemon's own endpoints any more.
        case frontEnded
        case status([ChildStatus])
        case ask(Question)
        /// The state of the children, for the answer to a question.
        case view([ChildStatus], Question.Reply<Snapshot>)
        /// The process that is to take the place of this one was started.
        case successor(Successor)
        /// The daemon has started; the state of its children then.
        case started([ChildStatus])
    }

    /// What clients of the control socket and the status page may take to read their last answers.
    private static let frontLimit = Duration.seconds(1)

    let sink: LogSink
    let log: Logger
    /// Where the link to another process is read.
    let loop: any EventLoop
    let clock: EventLoopClock
    let warden: Warden
    /// The path of this program at its start.
    let executable = Environment.executable()
    let predecessor: Predecessor?
    var successor: Successor?
    var hasReleasedPrograms = false
    private var frontHasEnded = false
    let feed: AsyncStream<Happening>.Continuation
    let notifier: SystemdNotifier
    private let watchdog: Watchdog?
    let listeners: ListenerTable
    private var store: SocketStore
    let pools: UpstreamPools
    let tree: Supervisor
    private let front: Supervisor
    let transaction: LoadTransaction
    let events: EventJournal
    let identity: DaemonIdentity
    private let balance = ShutdownBalance()

    var core = DaemonCore()
    var state = RunningState()
    var start = StartUp()
    var control = LoadControl()
    /// The load under way; the next state and what came of it are not known yet.
    var loading: RunningLoad?
    var trial: Trial?
    /// Since when what is declared does not run.
    var absentSince: [String: ContinuousClock.Instant] = [:]
    var requests = OpenRequests()
    var loads = LoadHistory()
    var rates = RateMeter()
    /// Why the daemon cannot go on: its last words.
    private var escalation: String?

    init(_ parts: DaemonParts) {
        sink = parts.sink
        log = parts.log
        loop = parts.control
        clock = EventLoopClock(loop: parts.control)
        feed = parts.feed
        notifier = parts.notifier
        watchdog = Watchdog(notifier: notifier, group: parts.group)
        identity = parts.identity
        events = parts.events
        warden = parts.warden
        predecessor = parts.predecessor
        listeners = ListenerTable()
        store = SocketStore(notifier: notifier, inherited: parts.inherited, variable: Environment.variable)
        listeners.inherit(parts.inherited)
        PassedDescriptors.close(parts.inherited)
        pools = UpstreamPools()
        let journal = TreeJournal(log: log, events: events)
        (tree, front) = Self.trees(clock, journal, feed)
        let (contexts, refused) = (TLSContexts(), RefusedCredentials())
        transaction = LoadTransaction(
            file: identity.file,
            surroundings: { Environment.surroundings($0) },
            watch: parts.watch,
            listeners: listeners,
            pools: pools,
            refused: refused,
            contexts: contexts,
            catalogue: Self.catalogue(parts, listeners, pools, refused, contexts, balance, journal),
            tree: tree,
            front: front,
            prepareSocketFolder: { Environment.socketFolderProblem() },
            explain: AcquisitionExplanation { SocketHolder.process(holding: $0) },
            descriptorLimit: DescriptorLimit.raise(),
            begin: { [sink] in sink.apply($0) },
            log: log
        )
    }

    private static func catalogue(
        _ parts: DaemonParts,
        _ listeners: ListenerTable,
        _ pools: UpstreamPools,
        _ refused: RefusedCredentials,
        _ contexts: TLSContexts,
        _ balance: ShutdownBalance,
        _ journal: TreeJournal
    ) -> Catalogue {
        let clock = EventLoopClock(loop: parts.control)
        let steering = DaemonSteering(events: parts.events, feed: parts.feed, identity: parts.identity)
        let endpoints = Endpoints(steering: steering, group: parts.group, listeners: listeners, clock: clock)
        return Catalogue(
            group: parts.group,
            listeners: listeners,
            warden: parts.warden,
            clock: clock,
            pools: pools,
            refused: refused,
            contexts: contexts,
            output: { [sink = parts.sink] in ProcessOutput(service: $0, sink: sink) },
            log: parts.log,
            stopped: {
                balance.add($0)
                journal.record($0)
            },
            endpoint: { endpoints.service(for: $0, log: $1) }
        )
    }

    /// The tree of the services, and the one of the daemon's own endpoints.
    private static func trees(
        _ clock: EventLoopClock,
        _ journal: TreeJournal,
        _ feed: AsyncStream<Happening>.Continuation
    ) -> (Supervisor, Supervisor) {
        let tree = Supervisor(clock: clock) { event in
            journal.record(event)
            if event.concernsDaemon { feed.yield(.tree(event)) }
        }
        let endpoints = EndpointJournal(journal, log: journal.log)
        let front = Supervisor(clock: clock) { endpoints.record($0) }
        return (tree, front)
    }

    /// Runs until the tree has ended.
    ///
    /// - Returns: The exit code.
    consuming func run(_ happenings: AsyncStream<Happening>) async -> Int32 {
        var loop = self
        return await withDiscardingTaskGroup { group in
            let (tree, front, feed) = (loop.tree, loop.front, loop.feed)
            group.addTask { feed.yield(.treeEnded(await tree.run())) }
            group.addTask {
                _ = await front.run()
                feed.yield(.frontEnded)
            }
            for action in loop.core.begin() { loop.perform(action, &group) }
            var code: Int32?
            for await happening in happenings {
                if case .frontEnded = happening { loop.frontHasEnded = true }
                if loop.frontHasEnded, code != nil { break }
                let actions = loop.handle(happening, &group)
                for action in actions {
                    if case .exit(let value) = action {
                        code = value
                        // After a handover it has ended before.
                        if loop.core.handover != .done { loop.endFront() }
                    }
                    loop.perform(action, &group)
                }
                if loop.frontHasEnded, code != nil { break }
            }
            await loop.successor?.link.close()
            feed.finish()
            // Whoever asked meanwhile is answered, too.
            for await happening in happenings { loop.answerTooLate(happening) }
            loop.watchdog?.cancel()
            group.cancelAll()
            return code ?? ExitCode.gaveUp
        }
    }

    /// Ends what the daemon itself listens on: nothing else is left, and everybody who waits has an answer.
    mutating func endFront() {
        requests.close()
        events.close()
        listeners.retireAll()
        front.shutDown(limit: Self.frontLimit)
    }

    private mutating func handle(_ happening: Happening, _ group: inout DiscardingTaskGroup) -> [DaemonCore.Action] {
        switch happening {
        case .event(let event): return core.handle(event)
        case .progress(let phase):
            loading?.phase = phase
            return []
        case .committed(let commit): return committed(commit, &group)
        case .loadEnded(let end): return loadEnded(end, &group)
        case .trialOver(let generation): return trialOver(generation)
        case .reversalDue(let generation):
            return trial?.generation == generation && trial?.failure != nil ? core.handle(.trialFailed) : []
        case .tree(let event):
            // What could not be bound before may be there now.
            keepListeners()
            releasePrograms()
            return note(event)
        case .successor(let successor):
            note(successor)
            return []
        case .ask(let question): return answer(question, &group)
        case .view(let children, let reply):
            reply.resume(returning: snapshot(of: children))
            return []
        case .started(let children):
            announceStart(state.readiness(reached: [:], now: children))
            return []
        case .frontEnded: return []
        case .treeEnded(let end):
            switch end {
            case .shutDown(let forced):
                balance.add(killed: forced.count { state.member($0)?.service is ProcessService })
            case .escalated(let name, let reason):
                escalation = "cannot go on without `\(name)`, which gave up: \(reason); repair it and start again"
            }
            return core.handle(.treeEnded(Self.end(end, balance.sum)))
        case .status(let children):
            // Asked for, so written whatever the level of the log is.
            for line in snapshot(of: children).logLines {
                sink.write(LogLine(time: Timestamp.now(), level: .notice, message: line, metadata: [:]))
            }
            return []
        }
    }

    private mutating func perform(_ action: DaemonCore.Action, _ group: inout DiscardingTaskGroup) {
        switch action {
        case .load(let load): begin(load, &group)
        case .refuse(let number): refuse(number)
        case .callOffLoad: control.callOff.fire()
        case .endWait: control.endWait.fire()
        case .announceShutdown: announceShutdown()
        case .delay: delay(&group)
        case .stopTree:
            if core.handover == .done {
                handOver()
            } else {
                if store.isThere { listeners.leave() }
                listeners.retireAll(except: state.configuration.endpointRequests)
            }
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
        case .startSuccessor: startSuccessor(&group)
        case .refuseReplacement: refuseReplacement()
        case .logSuccessorEnded: forgetSuccessor()
        case .endSuccessor: endSuccessor()
        case .exit(let code):
            if let sum = balance.sum { log.notice("shut down", metadata: sum.metadata(code: code)) }
            if let escalation { log.error("\(escalation)", metadata: ["code": "\(code)"]) }
        }
    }

    /// Lets the service manager keep what the daemon listens on.
    mutating func keepListeners() {
        if !core.isEnding { store.update(from: listeners) }
    }

    /// To be called when the state has changed.
    mutating func noteAbsence(at now: ContinuousClock.Instant) {
        // From then on the children tell, one by one.
        guard !core.isEnding else { return }
        let since = absentSince
        absentSince = Dictionary(uniqueKeysWithValues: state.intent.absent.map { ($0, since[$0] ?? now) })
    }

    private func announceShutdown() {
        balance.begin(processes: state.members.values.count { $0.service is ProcessService })
        if core.handover == .done {
            if let successor { announceHandover(to: successor) }
            return
        }
        notifier.stopping(status: "generation \(state.generation): shutting down")
        log.notice("shutting down", metadata: ["generation": "\(state.generation)"])
    }

    private func delay(_ group: inout DiscardingTaskGroup) {
        let (delay, clock, feed) = (state.configuration.shutdown.delay, clock, feed)
        guard delay > .zero, core.handover != .done else { return _ = feed.yield(.event(.delayPassed)) }
        group.addTask {
            do {
                try await clock.sleep(for: delay)
                feed.yield(.event(.delayPassed))
            } catch {
                // Cancelled: the daemon has ended meanwhile.
            }
        }
    }

    /// A service whose time was over although it had nothing left to cut was not forced.
    private static func end(_ end: Supervisor.End, _ sum: ShutdownBalance.Sum?) -> DaemonCore.TreeEnd {
        switch end {
        case .shutDown: sum?.isForced ?? false ? .forced : .clean
        case .escalated: .escalated
        }
    }
}
