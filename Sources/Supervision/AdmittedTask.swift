/// A task that has got its slot, on its way through the inlined part of a submission.
@usableFromInline
struct AdmittedTask: Sendable {
    let task: PooledTask

    init(_ task: PooledTask) {
        self.task = task
    }
}
