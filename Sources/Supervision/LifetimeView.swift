/// The part of a lifetime that any task of the service may use; it cannot end the life.
public struct LifetimeView: Sendable {
    let stop: Signal
    let reportCondition: @Sendable (ChildCondition) -> Void

    /// Suspends until the supervisor asks the service to stop; returns at once when the current task is cancelled.
    public func stopRequested() async {
        await stop.wait()
    }

    /// Tells how the service does while it runs; shown in the status, and in the log when it changes.
    ///
    /// To be called by tasks of the lifetime's pool, which end before the life does.
    public func report(_ condition: ChildCondition) {
        reportCondition(condition)
    }
}
