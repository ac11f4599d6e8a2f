/// The wait of one task for another, or for a slot: kept by the pool of the task that waits.
///
/// Only a wait makes a record; a task that never waits pays nothing for it.
struct TaskWait: Sendable {
    enum Cause: Sendable {
        case task(PooledTask)
        case slot(TaskPool)
        case batch(TaskPool)
    }

    let cause: Cause
    /// By the clock of the pool.
    let since: Duration
    /// What was told of it, when something was.
    var reported: WaitingTask?

    /// What is to be called when the wait is over.
    struct Ending: Sendable {
        let pool: TaskPool
        let runner: RunningTask

        func end() {
            pool.endWait(of: runner)
        }
    }
}
