/// Runs children: starts them in the order of their requirements, restarts them by policy, stops them in reverse.
///
/// The strategy is OTP's one-for-one. A supervisor runs once; what was ordered before `run` happens when it runs.
public struct Supervisor: Sendable {
    /// Why a supervisor ended.
    public enum End: Sendable {
        /// It was asked to; `forced` names every child that did not stop by itself in time.
        case shutDown(forced: [ChildID])
        /// An essential child or a group, named here, gave up; every other child was stopped.
        case escalated(String, reason: String)
    }

    let time: TimeSource
    let random: @Sendable () -> Double
    let observe: @Sendable (SupervisionEvent) -> Void
    let mailbox = Mailbox<SupervisorMessage>()

    /// - Parameters:
    ///   - clock: Measures every delay and period.
    ///   - random: Uniform in 0..<1, for jitter.
    ///   - observe: Receives each event in order; must not block.
    public init(
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        observe: @escaping @Sendable (SupervisionEvent) -> Void
    ) {
        time = TimeSource(clock)
        self.random = random
        self.observe = observe
    }

    /// Supervises until shut down or escalated; returns when no child and no task is left.
    ///
    /// Cancelling the task that runs it forces every child.
    public func run() async -> End {
        let mailbox = mailbox
        return await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                var driver = Driver(self)
                while true {
                    for message in await mailbox.receive() {
                        driver.handle(message, in: &group)
                    }
                    if let end = driver.end {
                        await driver.close()
                        return end
                    }
                }
            }
        } onCancel: {
            force()
        }
    }

    /// Commits a change; returns when every child to start is ready or has failed and every replacement is under way.
    ///
    /// - Returns: For each started child the state that it reached first: `ready`, `backingOff` (it crashed or waits
    ///   for a child that did) or `failed` (it ended, or was stopped, before it was ready; also when the supervisor
    ///   was shutting down and started nothing).
    public func apply(_ change: TreeChange) async -> [ChildID: ChildState] {
        let states: [ChildID: ChildState]? = await withCheckedContinuation { continuation in
            if !mailbox.send(.apply(change, continuation)) { continuation.resume(returning: nil) }
        }
        if let states { return states }
        var failed: [ChildID: ChildState] = [:]
        for child in change.start {
            await child.discard()
            failed[child.specification.id] = .failed
        }
        return failed
    }

    /// Stops all children in reverse order of their requirements; whoever is left after `limit` is forced.
    public func shutDown(limit: Duration) {
        command(.shutDown(limit: limit))
    }

    /// Forces every child at once.
    public func force() {
        command(.force)
    }

    /// The state of every child, in start order; empty when the supervisor has ended.
    public func snapshot() async -> [ChildStatus] {
        await withCheckedContinuation { continuation in
            if !mailbox.send(.snapshot(continuation)) { continuation.resume(returning: []) }
        }
    }

    private func command(_ event: CoreEvent) {
        // After the end there is nothing left to command.
        _ = mailbox.send(.event(event))
    }
}
