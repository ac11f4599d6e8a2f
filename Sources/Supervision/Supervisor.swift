/// Runs children: starts them in the order of their requirements, restarts them by policy, stops them in reverse.
public struct Supervisor: Sendable {
    /// Why a supervisor ended.
    public enum End: Sendable {
        /// It was asked to; `forced` names every child that did not stop by itself in time.
        case shutDown(forced: [ChildID])
        /// An essential child gave up; every other child was stopped.
        case escalated(ChildID, reason: String)
    }

    private let observe: @Sendable (SupervisionEvent) -> Void

    /// - Parameters:
    ///   - clock: Measures every delay and period.
    ///   - random: Uniform in 0..<1, for jitter.
    ///   - observe: Receives each event in order; must not block.
    public init(
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        observe: @escaping @Sendable (SupervisionEvent) -> Void
    ) {
        self.observe = observe
    }

    /// Supervises until shut down or escalated; returns when no child and no task is left.
    public func run() async -> End {
        .shutDown(forced: [])
    }

    /// Commits a change; returns when every child to start is ready or has failed and every replacement is under way.
    ///
    /// - Returns: For each started child the state that it reached: `ready`, `backingOff` or `failed`.
    public func apply(_ change: TreeChange) async -> [ChildID: ChildState] {
        [:]
    }

    /// Stops all children in reverse order of their requirements; whoever is left after `limit` is forced.
    public func shutDown(limit: Duration) {}

    /// Forces every child at once.
    public func force() {}

    /// The state of every child, in start order.
    public func snapshot() async -> [ChildStatus] {
        []
    }
}
