/// Runs children: starts them in the order of their requirements, restarts them by policy, stops them in reverse.
///
/// A supervisor runs once; what was ordered before `run` happens when it runs. Its root is one-for-one: a child that
/// fails restarts alone. Children that fail together belong to a `GroupSpecification`; groups may be nested.
///
/// ```swift
/// let supervisor = Supervisor { event in print(event) }
/// let bridge = ChildSpecification(id: ChildID(name: "bridge", generation: 1), service: Bridge())
/// let browser = ChildSpecification(
///     id: ChildID(name: "browser", generation: 1),
///     requires: ["bridge"],
///     service: Browser()
/// )
///
/// var change = TreeChange()
/// for specification in [bridge, browser] {
///     let prepared = try await specification.service.prepare()
///     change.start.append(PreparedChild(specification, prepared: prepared))
/// }
/// // A failure of one stops the other, then both start again: the bridge, and the browser when that is ready.
/// change.groups = [GroupSpecification(name: "session", strategy: .oneForAll, members: ["bridge", "browser"])]
///
/// async let end = supervisor.run()
/// print(await supervisor.apply(change))
/// // Later: the browser is asked first, the bridge when that has ended.
/// supervisor.shutDown(limit: .seconds(30))
/// print(await end)
/// ```
///
/// A child that can start again only while its intensity allows it gives up past that. An essential one takes its group
/// along, and so does a group past its intensity: everything in the group stops, and the group starts anew by its own
/// restart policy, level by level, until the root has nobody to ask and ends (`End.escalated`).
///
/// A start or a stop that hangs is asked, cancelled after its drain, and reported two seconds after that
/// (`SupervisionEvent.unresponsive`). A task cannot be killed: a service that ignores even its cancellation is waited
/// for, alone, while the rest of the tree goes on.
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
    /// - Returns: For each started child the state that it reached first: `ready`, `backingOff` (it crashed, its group
    ///   restarts, or it waits for a child of which one of these is true) or `failed` (it ended, or was stopped, before
    ///   it was ready; also when the supervisor was shutting down and started nothing). After `answerChanges` it is the
    ///   state in which the child was then.
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

    /// Ends the trial of `TreeChange.onTrial`: what would have ended the root meanwhile ends it now.
    public func endTrial() {
        command(.endTrial)
    }

    /// Ends the wait of every `apply` that is under way; what was started goes on.
    public func answerChanges() {
        command(.answerChanges)
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
