import NIOCore

/// One limit in time that is moved often and reached seldom: moving it costs no scheduling.
///
/// To be used on its event loop only.
final class LazyTimer {
    private let eventLoop: any EventLoop
    private var deadline: NIODeadline?
    private var scheduled: Scheduled<Void>?
    private var scheduledFor = NIODeadline.distantFuture
    /// Called when the deadline has passed; the timer is disarmed then.
    var expired: () -> Void = {}

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var isArmed: Bool { deadline != nil }

    /// Replaces the deadline; zero: no limit.
    func arm(after limit: Duration) {
        guard .zero < limit else { return disarm() }
        let next = NIODeadline.now() + TimeAmount(limit)
        deadline = next
        if scheduled == nil || next < scheduledFor { schedule(next) }
    }

    /// Forgets the deadline; what is scheduled finds nothing to do.
    func disarm() {
        deadline = nil
    }

    /// Ends the timer for good.
    func stop() {
        deadline = nil
        scheduled?.cancel()
        scheduled = nil
        expired = {}
    }

    private func schedule(_ next: NIODeadline) {
        scheduled?.cancel()
        scheduledFor = next
        scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.look() }
    }

    private func look() {
        scheduled = nil
        guard let deadline else { return }
        if .now() < deadline { return schedule(deadline) }
        self.deadline = nil
        expired()
    }
}
