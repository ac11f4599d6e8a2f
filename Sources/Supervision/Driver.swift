/// Does what the core decides: the local state of one `Supervisor.run()`.
///
/// Children and timers are child tasks of the run's group; they answer through the mailbox, whose order is the order
/// of events (a group hands out results in no order, and `ready()` must not wait).
struct Driver: ~Copyable {
    private let time: TimeSource
    private let random: @Sendable () -> Double
    private let observe: @Sendable (SupervisionEvent) -> Void
    private let mailbox: Mailbox<SupervisorMessage>
    private var core = SupervisorCore()
    private var services: [ChildID: any Service] = [:]
    /// Children of the tree that have not run yet.
    private var prepared: [ChildID: PreparedChild] = [:]
    /// Children of the change at hand, until the core has adopted or refused each.
    private var arriving: [ChildID: [PreparedChild]] = [:]
    private var links: [ChildID: ChildLink] = [:]
    private var timers: [TimerID: CancellableScope] = [:]
    private var replies: [Int: CheckedContinuation<[ChildID: ChildState]?, Never>] = [:]
    private var lastChange = 0
    private(set) var end: Supervisor.End?

    init(_ supervisor: Supervisor) {
        time = supervisor.time
        random = supervisor.random
        observe = supervisor.observe
        mailbox = supervisor.mailbox
    }

    mutating func handle(_ message: SupervisorMessage, in group: inout DiscardingTaskGroup) {
        guard end == nil else { return answerLate(message) }
        switch message {
        case .event(.fired(let timer)):
            timers[timer] = nil
            decide(.fired(timer), in: &group)
        case .event(let event): decide(event, in: &group)
        case .apply(let change, let reply): apply(change, reply, in: &group)
        case .snapshot(let reply): reply.resume(returning: core.statuses(at: time.elapsed()))
        }
    }

    /// Takes no further message and answers those that came after the end.
    func close() async {
        mailbox.close()
        for message in await mailbox.receive() {
            answerLate(message)
        }
    }

    private func answerLate(_ message: SupervisorMessage) {
        switch message {
        case .event: break
        case .apply(_, let reply): reply.resume(returning: nil)
        case .snapshot(let reply): reply.resume(returning: [])
        }
    }

    private mutating func decide(_ event: CoreEvent, in group: inout DiscardingTaskGroup) {
        for action in core.handle(event, at: time.elapsed(), random: random()) {
            perform(action, in: &group)
        }
    }

    private mutating func apply(
        _ change: TreeChange,
        _ reply: CheckedContinuation<[ChildID: ChildState]?, Never>,
        in group: inout DiscardingTaskGroup
    ) {
        lastChange += 1
        replies[lastChange] = reply
        for child in change.start {
            arriving[child.specification.id, default: []].append(child)
        }
        for specification in change.update where services[specification.id] != nil {
            services[specification.id] = specification.service
        }
        decide(.apply(CoreChange(change, number: lastChange)), in: &group)
    }

    private mutating func perform(_ action: CoreAction, in group: inout DiscardingTaskGroup) {
        switch action {
        case .adopt(let id): adopt(id)
        case .refuse(let id): refuse(id, in: &group)
        case .run(let id): run(id, in: &group)
        case .restart(let id): restart(id, in: &group)
        case .discard(let id): discard(id, in: &group)
        case .ask(let id): links[id]?.stop.fire()
        case .cancel(let id): links[id]?.scope.cancel()
        case .forget(let id): forget(id)
        case .setTimer(let timer, let delay): setTimer(timer, delay, in: &group)
        case .cancelTimer(let timer): timers.removeValue(forKey: timer)?.cancel()
        case .report(let event): observe(event)
        case .reply(let change, let states): replies.removeValue(forKey: change)?.resume(returning: states)
        case .end(let end): self.end = end
        }
    }
}

// MARK: Children

extension Driver {
    private mutating func takeArrived(_ id: ChildID) -> PreparedChild? {
        guard let child = arriving[id]?.removeFirst() else { return nil }
        if arriving[id]?.isEmpty == true { arriving[id] = nil }
        return child
    }

    private mutating func adopt(_ id: ChildID) {
        guard let child = takeArrived(id) else { preconditionFailure("a child was adopted that did not arrive") }
        services[id] = child.specification.service
        if child.failure == nil { prepared[id] = child }
    }

    private mutating func refuse(_ id: ChildID, in group: inout DiscardingTaskGroup) {
        guard let child = takeArrived(id) else { preconditionFailure("a child was refused that did not arrive") }
        group.addTask { await child.discard() }
    }

    private mutating func forget(_ id: ChildID) {
        services[id] = nil
        links[id] = nil
    }

    private mutating func takePrepared(_ id: ChildID) -> PreparedChild {
        guard let child = prepared.removeValue(forKey: id) else {
            preconditionFailure("a child was started that holds nothing")
        }
        return child
    }

    private mutating func run(_ id: ChildID, in group: inout DiscardingTaskGroup) {
        let child = takePrepared(id)
        start(id, in: &group) { await $0.run(child) }
    }

    private mutating func restart(_ id: ChildID, in group: inout DiscardingTaskGroup) {
        guard let service = services[id] else { preconditionFailure("a child was restarted that is not in the tree") }
        start(id, in: &group) { await $0.restart(service) }
    }

    private mutating func discard(_ id: ChildID, in group: inout DiscardingTaskGroup) {
        let child = takePrepared(id)
        start(id, in: &group) { await $0.discard(child) }
    }

    private mutating func start(
        _ id: ChildID,
        in group: inout DiscardingTaskGroup,
        _ life: @escaping @Sendable (ChildTask) async -> Void
    ) {
        let task = ChildTask(id: id, link: ChildLink(), time: time, mailbox: mailbox)
        links[id] = task.link
        group.addTask {
            await task.link.scope.run { await life(task) }
        }
    }
}

// MARK: Timers

extension Driver {
    private mutating func setTimer(_ timer: TimerID, _ delay: Duration, in group: inout DiscardingTaskGroup) {
        let scope = CancellableScope()
        timers[timer] = scope
        let time = time
        let mailbox = mailbox
        group.addTask {
            await scope.run {
                do {
                    try await time.sleep(delay)
                } catch {
                    // Cancelled: nobody waits for this timer any more.
                    return
                }
                // Refused only after the end, when nobody waits either.
                _ = mailbox.send(.event(.fired(timer)))
            }
        }
    }
}
