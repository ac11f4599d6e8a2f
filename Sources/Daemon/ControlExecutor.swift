import NIOCore

/// Runs the daemon's tasks on an event loop of their own.
///
/// Swift's default executor is libdispatch, whose monitor wakes up once a second for ever after its first job; and a
/// long
/// check of a configuration must not hold up the event loops that carry bytes.
final class ControlExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
