import NIOCore
import Supervision

/// The task of the service's pool that stands for opening one connection: it ends with it, and bounds it in time.
final class Establishment {
    private let done: EventLoopPromise<Void>
    private var isOver = false

    /// Starts the task; `expired` is called on the event loop when the pool cancels it: the time is over.
    init(
        in tasks: TaskPool,
        limit: Duration,
        on eventLoop: any EventLoop,
        expired: @escaping () -> Void
    ) throws(TaskPoolError) {
        done = eventLoop.makePromise()
        let bound = NIOLoopBound(expired, eventLoop: eventLoop)
        let future = done.futureResult
        do {
            _ = try tasks.submit("dial", deadline: .zero < limit ? limit : nil) {
                try await withTaskCancellationHandler {
                    try await future.get()
                } onCancel: {
                    eventLoop.execute { bound.value() }
                }
            }
        } catch {
            done.succeed()
            throw error
        }
    }

    func finish() {
        guard !isOver else { return }
        isOver = true
        done.succeed()
    }
}
