/// The child task that runs a pool's task, so that others can cancel it.
///
/// A child of a group has no handle, and a group of its own for each task costs a second task. The runtime allows
/// `cancel()` from anywhere while the task lives; `TaskLife` hands this value out only between the begin and the end
/// of the operation, which is what the compiler cannot see.
struct RunningTask: Hashable, @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    /// The task that runs this code.
    static var current: RunningTask? {
        withUnsafeCurrentTask { $0.map(RunningTask.init) }
    }

    func cancel() {
        task.cancel()
    }
}
