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
        /// The daemon has started; the state of its children then.
        case started([ChildStatus])
    }

    /// What clients of the control socket and the status page may take to read their last answers.
    private static let frontLimit = Duration.seconds(1)

    let sink: LogSink
    let log: Logger
    let clock: EventLoopClock
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

    init(
        identity: DaemonIdentity,
        events: EventJournal,
        group: any EventLoopGroup,
        warden: Warden,
        clock: EventLoopClock,
        notifier: SystemdNotifier,
        inherited: [InheritedSocket],
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
        self.identity = identity
        self.events = events
        listeners = ListenerTable()
        store = SocketStore(notifier: notifier, inherited: inherited, variable: Environment.variable)
        listeners.inherit(inherited)
        PassedDescriptors.close(inherited)
        pools = UpstreamPools()
        let (journal, balance, pools) = (TreeJournal(log: log, events: events), balance, pools)
        let (contexts, refused) = (TLSContexts(), RefusedCredentials())
        (tree, front) = Self.trees(clock, journal, feed)
        let steering = DaemonSteering(events: events, feed: feed, identity: identity)
        let endpoints = Endpoints(steering: steering, group: group, listeners: listeners, clock: clock)
        let catalogue = Catalogue(
            group: group,
            listeners: listeners,
            warden: warden,
            clock: clock,
            pools: pools,
            refused: refused,
            contexts: contexts,
            output: { ProcessOutput(service: $0, sink: sink) },
            log: log,
            stopped: {
                balance.add($0)
                journal.record($0)
            },
            endpoint: { endpoints.service(for: $0, log: $1) }
        )
        transaction = LoadTransaction(
            file: identity.file,
            surroundings: { Environment.surroundings($0) },
            listeners: listeners,
            pools: pools,
            refused: refused,
            contexts: contexts,
            catalogue: catalogue,
            tree: tree,
            front: front,
            prepareSocketFolder: { Environment.socketFolderProblem() },
            explain: AcquisitionExplanation { SocketHolder.process(holding: $0) },
            descriptorLimit: DescriptorLimit.raise(),
            log: log
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
        let front = Supervisor(clock: clock) { event in
            if event.isTrouble { journal.record(event) }
        }
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
                if case .frontEnded = happening, code != nil { break }
                let actions = loop.handle(happening, &group)
                for action in actions {
                    if case .exit(let value) = action {
                        code = value
                        loop.endFront()
                    }
                    loop.perform(action, &group)
                }
            }
            feed.finish()
            // Whoever asked meanwhile is answered, too.
            for await happening in happenings { loop.answerTooLate(happening) }
            loop.watchdog?.cancel()
            group.cancelAll()
            return code ?? ExitCode.gaveUp
        }
    }

    /// Ends what the daemon itself listens on: nothing else is left, and everybody who waits has an answer.
    private mutating func endFront() {
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
            return note(event)
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
            if store.isThere { listeners.leaveFiles() }
            listeners.retireAll(except: state.configuration.endpointRequests)
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

    /// A service whose time was over although it had nothing left to cut was not forced.
    private static func end(_ end: Supervisor.End, _ sum: ShutdownBalance.Sum?) -> DaemonCore.TreeEnd {
        switch end {
        case .shutDown: sum?.isForced ?? false ? .forced : .clean
        case .escalated: .escalated
        }
    }
}
