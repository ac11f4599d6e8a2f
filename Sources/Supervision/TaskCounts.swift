/// How many tasks ended in each way.
struct TaskCounts: Sendable {
    var completed = 0
    var failed = 0
    var cancelled = 0

    static func += (total: inout TaskCounts, more: TaskCounts) {
        total.completed += more.completed
        total.failed += more.failed
        total.cancelled += more.cancelled
    }

    func add(to status: inout TaskPoolStatus) {
        status.completed += completed
        status.failed += failed
        status.cancelled += cancelled
    }
}
