/// The life of one child as a state machine.
///
/// ```
/// created         start         running, or preparing when it is a restart
///                 crash         backing-off: its first preparation failed before it came into the tree
///                 stop, force   draining (rolls back what is prepared), or stopped when nothing is
///                 refuse        draining, then failed: a requirement is missing, has ended, or waits for itself
/// preparing       prepared      running
///                 crash         backing-off; an essential one may give up: failed
///                 stop, force   draining (asked and cancelled together)
/// running         ready         ready
/// running, ready  exit, crash   backing-off, stopped (normal exit) or failed (gives up), by the policy;
///                               stopped when it is no longer wanted, created when it is halted
///                 stop          draining (asked)
///                 force         draining (asked and cancelled)
/// draining        exit, crash   stopped, or failed when it was refused, or created when it is halted
///                 drain over    cancelled, still draining; after 2 s more: reported as unresponsive, still draining
/// backing-off     delay over    preparing, or created while a requirement is not ready or its group is in a round
///                 stop, force   stopped
/// stopped, failed again         created: a round of its group starts it anew
/// ```
///
/// In OTP's words: `always`, `on-failure` and `never` are permanent, transient and temporary; the drain is the
/// shutdown timeout and the cancellation is `brutal_kill`, which here still releases everything before it ends.
struct Child: Sendable {
    /// What may happen to a child.
    enum Input: Sendable {
        /// It is time to start and the requirements are ready.
        case start
        /// It is time to start and a requirement is not ready.
        case wait
        case prepared
        case ready
        case exited
        case crashed(String)
        case timeout
        case stop
        case force
        /// It can never start, for this reason.
        case refuse(String)
        /// It has ended and starts anew with its group.
        case again
    }

    /// What the tree wants of a child.
    enum Wish: Sendable {
        case wanted
        /// It is to be down until the round of its group is over, and starts again then.
        case halted
        /// It goes on until a newer generation is ready.
        case replaced
        case unwanted
    }

    /// The ladder of a stop.
    enum Rung: Sendable {
        case asked
        case forced
        case unresponsive
    }

    /// How long a child may take to end after its task was cancelled.
    ///
    /// Forced, a service only closes descriptors; two seconds are a thousand times what that takes.
    static let forceLimit = Duration.seconds(2)

    let id: ChildID
    let sequence: Int
    var rules: ChildRules
    var wish = Wish.wanted
    /// A round or its own successor waits for its end, so it does not wait for what is only replaced.
    var isAwaited = false
    /// Its restart counts: it failed by itself, and not while it was prepared as a child that is not essential.
    var isCounted = false
    /// Its group starts anew: its earlier failures are forgotten, and it starts even when it is never restarted.
    private(set) var startsFresh = false
    private(set) var condition = ChildCondition.fine
    private(set) var state = ChildState.created
    private(set) var since: Duration
    /// The preparation that came with the change is not used yet.
    private(set) var isPrepared: Bool
    private(set) var wasForced = false
    private(set) var restarts = 0
    private(set) var lastError: String?
    private(set) var retryAt: Duration?
    private var isDiscarding = false
    private var rung = Rung.asked
    private var refusal: String?
    private var timer: TimerID?
    private var lastTimer = 0
    private var backoff = Backoff()
    private var window = RestartWindow()

    init(id: ChildID, sequence: Int, rules: ChildRules, isPrepared: Bool, at now: Duration) {
        self.id = id
        self.sequence = sequence
        self.rules = rules
        self.isPrepared = isPrepared
        since = now
    }

    var isOver: Bool {
        switch state {
        case .stopped, .failed: true
        case .created, .preparing, .running, .ready, .draining, .backingOff: false
        }
    }

    /// Whether it has a life that has to end before it is down.
    var isUp: Bool {
        switch state {
        case .preparing, .running, .ready, .draining: true
        case .created, .backingOff, .stopped, .failed: false
        }
    }

    /// Whether a round starts it again: in OTP's words, it is not temporary.
    var returns: Bool { rules.restart.mode != .never || startsFresh }

    /// Every state against every input.
    mutating func handle(_ input: Input, at now: Duration, random: Double) -> [CoreAction] {
        switch (state, input) {
        case (.created, .start): isPrepared ? run(at: now) : prepare(at: now)
        case (.created, .stop), (.created, .force): leaveCreated(at: now)
        case (.created, .refuse(let reason)): refuse(reason, at: now)
        case (.created, .crashed(let error)): ended(error: error, at: now, random: random)
        case (.created, .wait), (.created, .prepared), (.created, .ready), (.created, .exited), (.created, .timeout),
            (.created, .again):
            []

        case (.preparing, .prepared): move(to: .running, at: now)
        case (.preparing, .exited): ended(error: nil, at: now, random: random)
        case (.preparing, .crashed(let error)): ended(error: error, at: now, random: random)
        // A preparation serves nobody, so there is nothing to drain: it is cancelled with the request.
        case (.preparing, .stop): descend(to: .asked, [.ask(id), .cancel(id)], limit: rules.drain, at: now)
        case (.preparing, .force): descend(to: .forced, [.ask(id), .cancel(id)], limit: Self.forceLimit, at: now)
        case (.preparing, .start), (.preparing, .wait), (.preparing, .ready), (.preparing, .timeout),
            (.preparing, .refuse), (.preparing, .again):
            []

        case (.running, .ready): move(to: .ready, at: now)
        case (.running, .exited), (.ready, .exited): ended(error: nil, at: now, random: random)
        case (.running, .crashed(let error)), (.ready, .crashed(let error)):
            ended(error: error, at: now, random: random)
        case (.running, .stop), (.ready, .stop): descend(to: .asked, [.ask(id)], limit: rules.drain, at: now)
        case (.running, .force), (.ready, .force): force([.ask(id), .cancel(id)], at: now)
        case (.running, .start), (.running, .wait), (.running, .prepared), (.running, .timeout), (.running, .refuse),
            (.running, .again), (.ready, .start), (.ready, .wait), (.ready, .prepared), (.ready, .ready),
            (.ready, .timeout), (.ready, .refuse), (.ready, .again):
            []

        case (.draining, .exited): drained(error: nil, at: now)
        case (.draining, .crashed(let error)): drained(error: error, at: now)
        case (.draining, .timeout): nextRung(at: now)
        case (.draining, .force): rung == .asked ? force([.cancel(id)], at: now) : []
        case (.draining, .start), (.draining, .wait), (.draining, .prepared), (.draining, .ready), (.draining, .stop),
            (.draining, .refuse), (.draining, .again):
            []

        case (.backingOff, .start): prepare(at: now)
        case (.backingOff, .wait): move(to: .created, at: now)
        case (.backingOff, .stop), (.backingOff, .force): move(to: .stopped, at: now)
        case (.backingOff, .refuse(let reason)): giveUp(reason, at: now)
        case (.backingOff, .prepared), (.backingOff, .ready), (.backingOff, .exited), (.backingOff, .crashed),
            (.backingOff, .timeout), (.backingOff, .again):
            []

        case (.stopped, .again), (.failed, .again): putBack(at: now)
        case (.stopped, _), (.failed, _): []
        }
    }

    /// Whether this timer is the one the child waits for; it is used up then.
    mutating func takes(_ timer: TimerID) -> Bool {
        guard self.timer == timer else { return false }
        self.timer = nil
        return true
    }

    /// Notes how it does while it runs; whether that is new.
    mutating func takes(_ condition: ChildCondition) -> Bool {
        guard isUp, self.condition != condition else { return false }
        self.condition = condition
        return true
    }

    /// Forgets its failures, because its group starts anew.
    mutating func freshen() {
        startsFresh = true
        backoff.reset()
        window = RestartWindow()
    }
}

// MARK: Starting

extension Child {
    private mutating func run(at now: Duration) -> [CoreAction] {
        isPrepared = false
        startsFresh = false
        return move(to: .running, at: now) + [.run(id)]
    }

    private mutating func prepare(at now: Duration) -> [CoreAction] {
        restarts += 1
        startsFresh = false
        if isCounted { window.record(at: now) }
        isCounted = false
        return move(to: .preparing, at: now) + [.restart(id)]
    }

    private mutating func refuse(_ reason: String, at now: Duration) -> [CoreAction] {
        guard isPrepared else { return giveUp(reason, at: now) }
        refusal = reason
        return leaveCreated(at: now)
    }
}

// MARK: Stopping

extension Child {
    private mutating func leaveCreated(at now: Duration) -> [CoreAction] {
        guard isPrepared else { return move(to: .stopped, at: now) }
        isPrepared = false
        isDiscarding = true
        return descend(to: .asked, [.discard(id)], limit: rules.drain, at: now)
    }

    private mutating func descend(
        to rung: Rung,
        _ actions: [CoreAction],
        limit: Duration,
        at now: Duration
    ) -> [CoreAction] {
        self.rung = rung
        return move(to: .draining, at: now) + actions + setTimer(after: limit)
    }

    private mutating func force(_ actions: [CoreAction], at now: Duration) -> [CoreAction] {
        // A roll-back cuts nobody, however it ends.
        wasForced = !isDiscarding
        return descend(to: .forced, actions, limit: Self.forceLimit, at: now)
    }

    private mutating func nextRung(at now: Duration) -> [CoreAction] {
        switch rung {
        case .asked:
            return force([.cancel(id)], at: now)
        case .forced:
            rung = .unresponsive
            timer = nil
            return [.report(.unresponsive(id))]
        case .unresponsive:
            return []
        }
    }

    private mutating func drained(error: String?, at now: Duration) -> [CoreAction] {
        let crash = recordCrash(error)
        if let refusal = refusal.take() { return crash + giveUp(refusal, at: now) }
        return crash + (wish == .halted ? putBack(at: now) : move(to: .stopped, at: now))
    }

    /// What a round halted starts again from the beginning.
    private mutating func putBack(at now: Duration) -> [CoreAction] {
        isCounted = false
        isDiscarding = false
        wasForced = false
        return move(to: returns ? .created : .stopped, at: now)
    }
}

// MARK: Restarting

extension Child {
    private mutating func ended(error: String?, at now: Duration, random: Double) -> [CoreAction] {
        let crash = recordCrash(error)
        switch wish {
        case .wanted: break
        case .halted: return crash + putBack(at: now)
        case .replaced, .unwanted: return crash + move(to: .stopped, at: now)
        }
        let hasNotRun = state == .preparing || state == .created
        if error != nil && hasNotRun && !rules.essential {
            return crash + backOff(isCounted: false, at: now, random: random)
        }
        switch (rules.restart.mode, error) {
        case (.always, _), (.onFailure, .some): return crash + restart(error: error, at: now, random: random)
        case (.onFailure, nil), (.never, nil): return crash + move(to: .stopped, at: now)
        case (.never, .some(let error)): return crash + giveUp("it is never restarted: \(error)", at: now)
        }
    }

    private mutating func restart(error: String?, at now: Duration, random: Double) -> [CoreAction] {
        let policy = rules.restart
        if state == .ready && now - since >= policy.resetAfter { backoff.reset() }
        guard window.allowsRestart(policy, at: now) else {
            let last = error.map { ": \($0)" } ?? ""
            return giveUp(RestartPolicy.excess(policy.intensity, within: policy.period) + last, at: now)
        }
        return backOff(isCounted: true, at: now, random: random)
    }

    private mutating func backOff(isCounted: Bool, at now: Duration, random: Double) -> [CoreAction] {
        self.isCounted = isCounted
        let delay = backoff.nextDelay(rules.restart, random: random)
        let moved = move(to: .backingOff, at: now)
        retryAt = now + delay
        return moved + [.report(.willRestart(id, after: delay))] + setTimer(after: delay)
    }

    private mutating func giveUp(_ reason: String, at now: Duration) -> [CoreAction] {
        lastError = reason
        return move(to: .failed, at: now) + [.report(.gaveUp(id, reason: reason))]
    }

    private mutating func recordCrash(_ error: String?) -> [CoreAction] {
        guard let error else { return [] }
        lastError = error
        return [.report(.crashed(id, error: error))]
    }
}

// MARK: Moving

extension Child {
    /// Leaves a state; its timer goes with it.
    private mutating func move(to next: ChildState, at now: Duration) -> [CoreAction] {
        var actions: [CoreAction] = []
        if let timer = timer.take() { actions.append(.cancelTimer(timer)) }
        guard next != state else { return actions }
        state = next
        since = now
        retryAt = nil
        if !isUp { condition = .fine }
        return actions + [.report(.changed(id, next))]
    }

    private mutating func setTimer(after delay: Duration) -> [CoreAction] {
        lastTimer += 1
        let timer = TimerID.child(id, sequence: sequence, number: lastTimer)
        self.timer = timer
        return [.setTimer(timer, after: delay)]
    }
}
