/// The child task that runs a pool's task, so that others can cancel it.
///
/// A child of a group has no handle, and a group of its own for each task costs a second task. The runtime allows
/// `cancel()` from anywhere while the task lives; `TaskCore` holds this value only between the begin and the end of
/// the operation, behind a lock, which is what the compiler cannot see.
struct RunningTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    func cancel() {
        task.cancel()
    }
}
