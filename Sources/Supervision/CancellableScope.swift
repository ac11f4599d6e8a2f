/// Runs one operation that others can cancel, from any thread, without holding its task.
///
/// A child of a task group has no handle; here a small group of its own is the handle.
final class CancellableScope: Sendable {
    private let isOver = Signal()

    /// Cancels the operation, now or as soon as it starts.
    func cancel() {
        isOver.fire()
    }

    /// Runs the operation to its end, cancelled or not.
    func run(_ operation: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await operation()
                self.isOver.fire()
            }
            await isOver.wait()
            group.cancelAll()
        }
    }
}
