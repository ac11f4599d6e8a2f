/// One life of a child, from its preparation to the last of its tasks; runs as a task of the driver's group.
struct ChildTask: Sendable {
    let id: ChildID
    let link: ChildLink
    let time: TimeSource
    let mailbox: Mailbox<SupervisorMessage>

    /// Runs what was prepared elsewhere.
    func run(_ child: PreparedChild) async {
        guard let prepared = child.take() else {
            // Its owner broke the contract; a child that holds nothing is a child that crashed.
            send(.crashed(id, error: "cannot run: what was prepared is gone; prepare it anew"))
            return
        }
        send(await live(Slot(prepared)))
    }

    /// Prepares anew and runs.
    func restart(_ service: any Service) async {
        let prepared: PreparedService
        do {
            prepared = try await service.prepare()
        } catch {
            // Who is stopped while it prepares has not failed: it was cancelled.
            send(link.stop.isFired ? .exited(id) : .crashed(id, error: String(describing: error)))
            return
        }
        guard !link.stop.isFired else {
            await prepared.discard()
            send(.exited(id))
            return
        }
        send(.prepared(id))
        send(await live(Slot(prepared)))
    }

    /// Rolls back what never ran.
    func discard(_ child: PreparedChild) async {
        await child.discard()
        send(.exited(id))
    }

    /// Serves, and returns when the service has ended and its pool is empty.
    private func live(_ prepared: Slot<PreparedService>) async -> CoreEvent {
        let tasks = TaskPool(name: id.name, limit: TaskPool.serviceLimit, time: time)
        return await withDiscardingTaskGroup { group in
            group.addTask { await tasks.run() }
            guard let service = prepared.take() else { preconditionFailure("a service was run twice") }
            let exit = await service.run(lifetime(tasks))
            tasks.close()
            switch consume exit {
            case .normal: return .exited(id)
            case .crashed(_, let error): return .crashed(id, error: String(describing: error))
            }
        }
    }

    private func lifetime(_ tasks: TaskPool) -> Lifetime {
        Lifetime(
            tasks: tasks,
            stop: link.stop,
            ready: { send(.ready(id)) },
            cut: { send(.cut(id, $0)) },
            condition: { send(.condition(id, $0)) }
        )
    }

    private func send(_ event: CoreEvent) {
        // The driver closes its mailbox only after the last child has ended.
        precondition(mailbox.send(.event(event)), "a child outlived its supervisor")
    }
}
