/// A group of the tree: what it may still bear, and how it starts again.
struct Group: Sendable {
    var specification: GroupSpecification
    /// Members that failed and whose restart is still to come, so it is not in the window yet.
    var pending: Set<String> = []
    /// It gave up and has not started anew.
    private(set) var isDown = false
    private(set) var timer: TimerID?
    /// The restarts of its members.
    private var window = RestartWindow()
    /// Its own restarts after it gave up.
    private var ownWindow = RestartWindow()
    private var backoff = Backoff()
    private var since: Duration

    init(_ specification: GroupSpecification, at now: Duration) {
        self.specification = specification
        since = now
    }

    /// Whether one more member may start again.
    mutating func allowsRestart(at now: Duration) -> Bool {
        window.count(within: specification.period, at: now) + pending.count < specification.intensity
    }

    /// Whether the group itself may start again.
    mutating func allowsOwnRestart(at now: Duration) -> Bool {
        guard specification.restart.mode != .never else { return false }
        return ownWindow.allowsRestart(specification.restart, at: now)
    }

    /// A member whose restart was to come starts now.
    mutating func noteRestart(of member: String, at now: Duration) {
        guard pending.remove(member) != nil else { return }
        window.record(at: now)
    }

    /// Gives up until the delay that this returns is over.
    mutating func goDown(timer: TimerID, at now: Duration, random: Double) -> Duration {
        if now - since >= specification.restart.resetAfter { backoff.reset() }
        isDown = true
        self.timer = timer
        return backoff.nextDelay(specification.restart, random: random)
    }

    /// Starts anew after it gave up.
    mutating func comeBack(at now: Duration) {
        isDown = false
        since = now
        ownWindow.record(at: now)
    }

    /// Whether this timer is the one the group waits for; it is used up then.
    mutating func takes(_ timer: TimerID) -> Bool {
        guard self.timer == timer else { return false }
        self.timer = nil
        return true
    }

    /// Forgets the failures of its members.
    mutating func freshen() {
        window = RestartWindow()
        pending = []
    }

    /// Forgets its own failures too, because the group above starts anew; returns the timer that nobody awaits now.
    mutating func freshenAll() -> TimerID? {
        freshen()
        isDown = false
        ownWindow = RestartWindow()
        backoff.reset()
        return timer.take()
    }

    /// Which members restart when this one failed, by the strategy.
    func members(restartingWith failed: String) -> [String] {
        let members = specification.members
        switch specification.strategy {
        case .oneForOne: return [failed]
        case .oneForAll: return members
        case .restForOne: return Array(members.drop { $0 != failed })
        }
    }
}
