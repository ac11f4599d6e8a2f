/// Tracked tasks with slots and deadlines, which end before their owner does.
public final class TaskPool: Sendable {
    init() {}
}
