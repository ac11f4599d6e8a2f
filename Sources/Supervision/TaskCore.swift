import Synchronization

/// The part of a task that its pool and its handle share: state, times and cancellation.
final class TaskCore: Sendable {
    /// Who ended the task before it ended by itself.
    enum Interruption: Sendable {
        case cancelled
        case deadline(Duration)
    }

    private struct State {
        var status: TaskStatus
        var interruption: Interruption?
    }

    let number: UInt64
    let name: String
    let deadline: Duration?
    private let state: Mutex<State>
    /// Set while the operation runs.
    ///
    /// It has a lock of its own: cancelling runs the operation's cancellation handlers inside it, and those may read
    /// the state, or cancel again, which then does nothing.
    private let running = Mutex<RunningTask?>(nil)

    init(number: UInt64, name: String, deadline: Duration?, at now: Duration) {
        self.number = number
        self.name = name
        self.deadline = deadline
        state = Mutex(State(status: TaskStatus(number: number, name: name, state: .created, created: now)))
    }

    var status: TaskStatus {
        state.withLock { $0.status }
    }

    func cancel() {
        interrupt(.cancelled)
    }

    /// Cancels the operation, now or before it begins; the first reason counts.
    func interrupt(_ reason: Interruption) {
        let isFirst = state.withLock { state in
            guard state.interruption == nil else { return false }
            state.interruption = reason
            return true
        }
        if isFirst { running.withLock { $0?.cancel() } }
    }

    /// Runs the operation as the current task; nil when it was cancelled before it began.
    func run(at now: Duration, _ operation: @Sendable () async -> TaskJob.Outcome) async -> TaskJob.Outcome? {
        await withUnsafeCurrentTask { task in
            guard let task else { preconditionFailure("an async function runs in a task") }
            guard begin(RunningTask(task), at: now) else { return nil }
            let outcome = await operation()
            running.withLock { $0 = nil }
            return outcome
        }
    }

    private func begin(_ task: RunningTask, at now: Duration) -> Bool {
        // First the task, then the look at the interruption: whoever interrupts does it the other way round.
        running.withLock { $0 = task }
        let mayBegin = state.withLock { state in
            guard state.interruption == nil else { return false }
            state.status.state = .running
            state.status.started = now
            return true
        }
        if !mayBegin { running.withLock { $0 = nil } }
        return mayBegin
    }

    func end(_ final: TaskState, at now: Duration) {
        state.withLock { state in
            state.status.state = final
            state.status.ended = now
        }
    }
}

extension TaskCore {
    /// What an operation's error means: who cancelled it decides, not the error that it happened to throw.
    func judge(_ error: any Error, taskIsCancelled: Bool) -> (TaskState, any Error) {
        switch state.withLock({ $0.interruption }) {
        case .deadline(let deadline): (.failed, TaskPoolError.deadlineExceeded(name: name, deadline: deadline))
        case .cancelled: (.cancelled, error)
        // Not interrupted by itself: the owner of the pool was forced.
        case nil: (taskIsCancelled && error is CancellationError ? .cancelled : .failed, error)
        }
    }
}
