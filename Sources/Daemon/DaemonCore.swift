/// Decides what the daemon does next: when to load, when to wait, when to end and with which exit code.
///
/// Pure: signals, finished loads and the end of the tree come in as events; what to do comes out as actions.
struct DaemonCore {
    /// What the daemon is doing.
    enum State: Hashable, Sendable {
        /// A load acquires; `again` when another was asked for meanwhile, however often.
        case loading(first: Bool, again: Bool)
        /// A load has committed and waits until what it started is ready.
        case settling(again: Bool)
        case serving
        /// A load was called off by a request to shut down and has not ended yet.
        case callingOff(force: Bool)
        /// Not ready any more, still accepting: `shutdown.delay`.
        case delaying
        /// The tree stops.
        case stopping(force: Bool, code: Int32)
        case ended
    }

    /// What happened.
    enum Event: Hashable, Sendable {
        case hangUp
        case terminate
        case reportStatus
        /// The load passed the point of no return.
        case committed
        /// The load ended; 0, or the exit code that a daemon ends with when this was its first load.
        case loaded(failure: Int32)
        /// Every essential service has been ready once, the last one after the first load.
        case started
        case delayPassed
        case treeEnded(TreeEnd)
    }

    /// How the supervision tree ended.
    enum TreeEnd: Hashable, Sendable {
        case clean
        case forced
        case escalated
    }

    /// What to do about it.
    enum Action: Hashable, Sendable {
        case load
        case callOffLoad
        case announceStart
        case announceShutdown
        case delay
        case stopTree
        case forceTree
        case logStatus
        case logBusy
        /// A reload waits for what the load before it has started.
        case logWaiting
        case exit(Int32)
    }

    private(set) var state = State.loading(first: true, again: false)

    /// True from the request to shut down, or from the failure that ends the daemon.
    var isEnding: Bool {
        switch state {
        case .loading, .settling, .serving: false
        case .callingOff, .delaying, .stopping, .ended: true
        }
    }

    /// The first actions of the daemon's life.
    func begin() -> [Action] { [.load] }

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .hangUp: hangUp()
        case .terminate: terminate()
        case .reportStatus: [.logStatus]
        case .committed: committed()
        case .loaded(let failure): loaded(failure: failure)
        case .started: isEnding ? [] : [.announceStart]
        case .delayPassed: delayPassed()
        case .treeEnded(let end): treeEnded(end)
        }
    }

    private mutating func hangUp() -> [Action] {
        switch state {
        case .serving:
            state = .loading(first: false, again: false)
            return [.load]
        case .loading(let first, _):
            state = .loading(first: first, again: true)
            return []
        case .settling(let again):
            state = .settling(again: true)
            return again ? [] : [.logWaiting]
        case .callingOff, .delaying, .stopping:
            return [.logBusy]
        case .ended:
            return []
        }
    }

    private mutating func terminate() -> [Action] {
        switch state {
        case .loading:
            state = .callingOff(force: false)
            return [.announceShutdown, .callOffLoad]
        case .serving, .settling:
            state = .delaying
            return [.announceShutdown, .delay]
        case .callingOff:
            state = .callingOff(force: true)
            return []
        case .delaying:
            return stop(force: true)
        case .stopping(force: false, let code):
            state = .stopping(force: true, code: code)
            return [.forceTree]
        case .stopping(force: true, _), .ended:
            return []
        }
    }

    private mutating func committed() -> [Action] {
        switch state {
        case .loading(_, let again):
            state = .settling(again: again)
            return []
        case .callingOff(force: false):
            state = .delaying
            return [.delay]
        case .callingOff(force: true):
            return stop(force: true)
        case .serving, .settling, .delaying, .stopping, .ended:
            return []
        }
    }

    private mutating func loaded(failure: Int32) -> [Action] {
        switch state {
        case .loading(first: true, _) where failure != 0:
            state = .stopping(force: false, code: failure)
            return [.stopTree]
        case .loading(_, again: true), .settling(again: true):
            state = .loading(first: false, again: false)
            return [.load]
        case .loading(_, again: false), .settling(again: false):
            state = .serving
            return []
        case .callingOff(let force):
            return stop(force: force)
        case .serving, .delaying, .stopping, .ended:
            return []
        }
    }

    private mutating func delayPassed() -> [Action] {
        switch state {
        case .delaying: stop(force: false)
        case .loading, .settling, .serving, .callingOff, .stopping, .ended: []
        }
    }

    private mutating func stop(force: Bool) -> [Action] {
        state = .stopping(force: force, code: 0)
        return force ? [.stopTree, .forceTree] : [.stopTree]
    }

    private mutating func treeEnded(_ end: TreeEnd) -> [Action] {
        let code: Int32
        switch (state, end) {
        case (.ended, _): return []
        case (_, .escalated): code = ExitCode.gaveUp
        case (.stopping(_, let failure), .clean): code = failure
        case (.stopping(_, let failure), .forced): code = failure == 0 ? ExitCode.forced : failure
        case (.loading, _), (.settling, _), (.serving, _), (.callingOff, _), (.delaying, _): code = ExitCode.gaveUp
        }
        state = .ended
        return [.exit(code)]
    }
}
