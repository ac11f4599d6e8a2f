/// The proof that a service released what it held; only `Lifetime.end(with:)` makes one.
public struct Stopped: ~Copyable, Sendable {
    fileprivate init() {}
}

/// What a running service gets from its supervisor: the request to stop, readiness, tasks, and the way to end.
public struct Lifetime: ~Copyable, Sendable {
    /// The service's tasks: every dial, probe or reader that it starts.
    ///
    /// The pool ends with the service: what still runs when `run` returns is cancelled and awaited.
    public let tasks: TaskPool
    let stop: Signal
    let announceReady: @Sendable () -> Void
    private let reportCut: @Sendable ([String]) -> Void
    private let reportCondition: @Sendable (ChildCondition) -> Void

    init(
        tasks: TaskPool,
        stop: Signal,
        ready: @escaping @Sendable () -> Void,
        cut: @escaping @Sendable ([String]) -> Void,
        condition: @escaping @Sendable (ChildCondition) -> Void
    ) {
        self.tasks = tasks
        self.stop = stop
        announceReady = ready
        reportCut = cut
        reportCondition = condition
    }

    /// What tasks of the service may hear and tell beside the one that runs it.
    public var view: LifetimeView {
        LifetimeView(stop: stop, reportCondition: reportCondition)
    }

    /// Announces that the service serves.
    public borrowing func ready() {
        announceReady()
    }

    /// Suspends until the supervisor asks the service to stop; returns at once when the service's task is cancelled.
    public borrowing func stopRequested() async {
        await stop.wait()
    }

    /// Tells what had to be cut because it did not end by itself within the drain time, one line each.
    public borrowing func report(forced: [String]) {
        reportCut(forced)
    }

    /// Tells how the service does while it runs; shown in the status, and in the log when it changes.
    public borrowing func report(_ condition: ChildCondition) {
        reportCondition(condition)
    }

    /// Ends the life; the receipt proves that what was held is released.
    public consuming func end(with receipt: consuming some Receipt & ~Copyable) -> Stopped {
        Stopped()
    }
}
