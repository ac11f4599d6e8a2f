import NIOCore

/// Feeds the service manager's watchdog from the event loops: a loop that is stuck stops the feeding.
///
/// Each turn is handed from loop to loop; `WATCHDOG=1` is sent when it has passed through all of them. There is no
/// other
/// timer, so without a watchdog an idle daemon does not wake up.
struct Watchdog {
    private let scheduled: RepeatedTask

    /// Starts to feed at half the interval, as sd_watchdog_enabled(3) recommends; nil when no watchdog is wanted.
    init?(notifier: SystemdNotifier, group: any EventLoopGroup) {
        guard let interval = notifier.watchdogInterval else { return nil }
        let loops = Array(group.makeIterator())
        let half = TimeAmount(interval / 2)
        guard let first = loops.first else { return nil }
        scheduled = first.scheduleRepeatedAsyncTask(initialDelay: half, delay: half) { _ in
            Self.pass(through: loops.dropFirst(), returningTo: first).map { notifier.watchdog() }
        }
    }

    func cancel() {
        scheduled.cancel()
    }

    private static func pass(
        through loops: ArraySlice<any EventLoop>,
        returningTo home: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard let next = loops.first else { return home.makeSucceededVoidFuture() }
        return next.submit {}.flatMap { pass(through: loops.dropFirst(), returningTo: next) }.hop(to: home)
    }
}
