import NIOCore

/// The one timer of a running program: it sends `time` when the core wants to hear of it.
///
/// A program that pings its watchdog moves the time each time, so a timer that would only come too early stays.
struct ProcessAlarm {
    private let loop: any EventLoop
    private let start = NIODeadline.now()
    private let mailbox: ProcessMailbox
    private var timer: (due: Duration, scheduled: Scheduled<Void>)?

    init(_ mailbox: ProcessMailbox, on loop: any EventLoop) {
        self.mailbox = mailbox
        self.loop = loop
    }

    /// The time since the alarm was made.
    var now: Duration {
        .nanoseconds((NIODeadline.now() - start).nanoseconds)
    }

    /// Rings at `due` or before; nil: there is nothing to wait for.
    mutating func set(_ due: Duration?) {
        guard let due else { return stop() }
        if let timer, now < timer.due, timer.due <= due { return }
        stop()
        let scheduled = loop.scheduleTask(deadline: start + TimeAmount(due)) { [mailbox] in mailbox.send(.time) }
        timer = (due, scheduled)
    }

    mutating func stop() {
        timer?.scheduled.cancel()
        timer = nil
    }
}
