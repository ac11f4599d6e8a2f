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
    let scope = CancellableScope()
    private let state: Mutex<State>

    init(number: UInt64, name: String, deadline: Duration?, at now: Duration) {
        self.number = number
        self.name = name
        self.deadline = deadline
        state = Mutex(State(status: TaskStatus(number: number, name: name, state: .created, created: now)))
    }

    var status: TaskStatus {
        state.withLock { $0.status }
    }

    var interruption: Interruption? {
        state.withLock { $0.interruption }
    }

    func cancel() {
        interrupt(.cancelled)
    }

    /// Cancels the operation; the first reason counts.
    func interrupt(_ reason: Interruption) {
        state.withLock { state in
            if state.interruption == nil { state.interruption = reason }
        }
        scope.cancel()
    }

    /// Returns false when the task was cancelled before it began.
    func begin(at now: Duration) -> Bool {
        state.withLock { state in
            guard state.interruption == nil else { return false }
            state.status.state = .running
            state.status.started = now
            return true
        }
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
        switch interruption {
        case .deadline(let deadline): (.failed, TaskPoolError.deadlineExceeded(name: name, deadline: deadline))
        case .cancelled: (.cancelled, error)
        // Not interrupted by itself: the owner of the pool was forced.
        case nil: (taskIsCancelled && error is CancellationError ? .cancelled : .failed, error)
        }
    }
}
