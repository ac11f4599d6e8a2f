/// Decides what the daemon does next: when to load, when to wait, when to end and with which exit code.
///
/// Pure: signals, requests, finished loads and the end of the tree come in as events; what to do comes out as actions.
struct DaemonCore {
    /// What the daemon is doing.
    enum State: Hashable, Sendable {
        /// A load acquires.
        case loading(first: Bool, next: Next)
        /// A load has committed and waits until what it started is ready.
        case settling(next: Next)
        case serving
        /// A load was called off by a request to shut down and has not ended yet.
        case callingOff(force: Bool)
        /// Not ready any more, still accepting: `shutdown.delay`.
        case delaying
        /// The tree stops.
        case stopping(force: Bool, code: Int32)
        case ended
    }

    /// What follows the load that is under way.
    struct Next: Hashable, Sendable {
        /// Who asked for another reload meanwhile, however often: the last one.
        var again: Load?
        /// The request with this number ended the wait of the load before it.
        var request: UInt64?
        /// The generation that runs has failed its trial.
        var reversal = false
    }

    /// Who wants a load.
    enum Load: Hashable, Sendable {
        case start
        case signal
        /// A file of the configuration has changed.
        case change
        /// The request with this number.
        case request(UInt64)
        case reversal
    }

    /// What happened.
    enum Event: Hashable, Sendable {
        case hangUp
        /// A file of the configuration has changed, and files are watched.
        case filesChanged
        case terminate
        case reportStatus
        /// Another process is to take the place of this one.
        case replace
        /// It serves.
        case tookOver
        /// It has ended.
        case successorEnded
        /// Somebody asks for a load and waits for its verdict.
        case request(UInt64)
        /// The generation that runs has failed its trial.
        case trialFailed
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
        case load(Load)
        /// Answers a request that comes at the wrong time.
        case refuse(UInt64)
        case callOffLoad
        /// Another load is wanted: the one that has committed does not wait any longer for what it has started.
        case endWait
        case announceStart
        case announceShutdown
        case delay
        case stopTree
        case forceTree
        case logStatus
        case logBusy
        case startSuccessor
        /// It cannot be started now, or one is started already.
        case refuseReplacement
        /// The one that was to take over has ended; this one goes on.
        case logSuccessorEnded
        case endSuccessor
        case exit(Int32)
    }

    /// How far another process is with taking the place of this one.
    enum Handover: Hashable, Sendable {
        case none
        case begun
        /// The other one serves; this one only ends what it has begun.
        case done
    }

    private(set) var state = State.loading(first: true, next: Next())
    private(set) var handover = Handover.none

    /// True from the request to shut down, or from the failure that ends the daemon.
    var isEnding: Bool {
        switch state {
        case .loading, .settling, .serving: false
        case .callingOff, .delaying, .stopping, .ended: true
        }
    }

    /// The first actions of the daemon's life.
    func begin() -> [Action] { [.load(.start)] }

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .hangUp: reload(.signal)
        case .filesChanged: reload(.change)
        case .terminate: callOffHandover() + terminate()
        case .replace: replace()
        case .tookOver: tookOver()
        case .successorEnded: successorEnded()
        case .reportStatus: [.logStatus]
        case .request(let number): request(number)
        case .trialFailed: trialFailed()
        case .committed: committed()
        case .loaded(let failure): loaded(failure: failure)
        case .started: isEnding ? [] : [.announceStart]
        case .delayPassed: delayPassed()
        case .treeEnded(let end): treeEnded(end)
        }
    }

    private mutating func begin(_ load: Load) -> [Action] {
        state = .loading(first: false, next: Next())
        return [.load(load)]
    }

    private mutating func reload(_ load: Load) -> [Action] {
        switch state {
        case .serving:
            return begin(load)
        case .loading(let first, var next):
            next.again = load
            state = .loading(first: first, next: next)
            return []
        case .settling(var next):
            next.again = load
            return endWait(next)
        case .callingOff, .delaying, .stopping:
            return load == .change ? [] : [.logBusy]
        case .ended:
            return []
        }
    }

    /// A request does not queue: whoever waits for an answer is told at once that another load is under way.
    ///
    /// What a load has started may take its time to be ready, or never be; that is in the way of nobody.
    private mutating func request(_ number: UInt64) -> [Action] {
        switch state {
        case .serving:
            return begin(.request(number))
        case .settling(var next) where next.request == nil:
            next.request = number
            return endWait(next)
        case .loading, .settling, .callingOff, .delaying, .stopping, .ended:
            return [.refuse(number)]
        }
    }

    private mutating func endWait(_ next: Next) -> [Action] {
        guard case .settling(let last) = state, last != next else { return [] }
        state = .settling(next: next)
        return [.endWait]
    }

    private mutating func trialFailed() -> [Action] {
        switch state {
        case .serving:
            return begin(.reversal)
        case .loading(let first, var next):
            next.reversal = true
            state = .loading(first: first, next: next)
        case .settling(var next):
            next.reversal = true
            return endWait(next)
        case .callingOff, .delaying, .stopping, .ended:
            break
        }
        return []
    }

    private mutating func terminate() -> [Action] {
        switch state {
        case .loading(_, let next):
            state = .callingOff(force: false)
            return refusal(of: next) + [.announceShutdown, .callOffLoad]
        case .settling(let next):
            state = .delaying
            return refusal(of: next) + [.announceShutdown, .delay]
        case .serving:
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

    private mutating func replace() -> [Action] {
        switch state {
        case .serving where handover == .none, .settling where handover == .none:
            handover = .begun
            return [.startSuccessor]
        case .serving, .settling, .loading, .callingOff, .delaying, .stopping:
            return [.refuseReplacement]
        case .ended:
            return []
        }
    }

    private mutating func tookOver() -> [Action] {
        guard handover == .begun, !isEnding else { return [] }
        handover = .done
        return terminate()
    }

    private mutating func successorEnded() -> [Action] {
        guard handover == .begun else { return [] }
        handover = .none
        return isEnding ? [] : [.logSuccessorEnded]
    }

    /// Who ends this daemon means the service, so the one that was to take over does not.
    private mutating func callOffHandover() -> [Action] {
        guard handover == .begun else { return [] }
        handover = .none
        return [.endSuccessor]
    }

    private func refusal(of next: Next) -> [Action] {
        next.request.map { [.refuse($0)] } ?? []
    }

    private mutating func committed() -> [Action] {
        switch state {
        case .loading(_, let next):
            // What was on trial is replaced.
            state = .settling(next: Next(again: next.again, request: next.request))
            // Nobody knows of the one that waits that this load has come before it.
            return next.request == nil ? [] : [.endWait]
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
        case .loading(_, let next), .settling(let next):
            return follow(next)
        case .callingOff(let force):
            return stop(force: force)
        case .serving, .delaying, .stopping, .ended:
            return []
        }
    }

    private mutating func follow(_ next: Next) -> [Action] {
        if next.reversal {
            state = .loading(first: false, next: Next(again: next.again, request: next.request))
            return [.load(.reversal)]
        }
        if let number = next.request {
            state = .loading(first: false, next: Next(again: next.again))
            return [.load(.request(number))]
        }
        if let again = next.again { return begin(again) }
        state = .serving
        return []
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
