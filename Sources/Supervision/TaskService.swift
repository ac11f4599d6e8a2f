import Synchronization

/// A service that is one asynchronous closure: stopping it cancels the closure's task.
///
/// ```swift
/// // Ready as soon as it runs:
/// let ticker = TaskService {
///     while true {
///         try await Task.sleep(for: .seconds(1))
///         print("tick")
///     }
/// }
/// // Ready when it says so:
/// let cache = TaskService { ready in
///     let cache = try await Cache.load()
///     ready()
///     try await cache.serve()
/// }
/// ```
///
/// The closure returns: a normal exit. It throws: a crash, unless it was asked to stop and throws `CancellationError`.
/// It has to react to cancellation; what it opens it closes before it returns, because the supervisor takes its return
/// as the proof.
public struct TaskService: Service {
    private let operation: @Sendable (_ ready: @escaping @Sendable () -> Void) async throws -> Void

    /// Runs a closure that is ready at once.
    public init(_ operation: @escaping @Sendable () async throws -> Void) {
        self.operation = { ready in
            ready()
            try await operation()
        }
    }

    /// Runs a closure that calls the given function when it is ready.
    public init(
        announcing operation: @escaping @Sendable (_ ready: @escaping @Sendable () -> Void) async throws -> Void
    ) {
        self.operation = operation
    }

    /// Acquires nothing: everything happens in the closure.
    public func prepare() async throws -> PreparedService {
        PreparedService(PreparedTask(operation: operation))
    }
}

/// The receipt of a closure that returned: what it held went with it.
private struct Returned: ~Copyable, Receipt {}

private struct PreparedTask: ~Copyable, Preparation {
    private enum Outcome: Sendable {
        case asked
        case returned
        case threw(any Error)
    }

    let operation: @Sendable (_ ready: @escaping @Sendable () -> Void) async throws -> Void

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        let operation = operation
        let stop = lifetime.stop
        let ready = lifetime.announceReady
        let error: (any Error)? = await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do {
                    try await operation(ready)
                    return .returned
                } catch {
                    return .threw(error)
                }
            }
            group.addTask {
                await stop.wait()
                return .asked
            }
            var error: (any Error)?
            for await outcome in group {
                if case .threw(let thrown) = outcome { error = thrown }
                group.cancelAll()
            }
            return error
        }
        let stopped = lifetime.end(with: Returned())
        guard let error else { return .normal(stopped) }
        if stop.isFired && error is CancellationError { return .normal(stopped) }
        return .crashed(stopped, error)
    }

    consuming func discard() async {}
}
