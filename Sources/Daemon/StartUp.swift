import Supervision

/// Decides when the daemon has started: every essential service has been ready, or has done its work, once.
///
/// Pure. A service that fails after that changes nothing: a service manager waits for the start alone.
struct StartUp {
    private enum State {
        /// Nothing is committed yet.
        case loading
        case waiting(for: Set<ChildID>)
        case over
    }

    private var state = State.loading
    /// Every child that was ready or ended normally, until the start is over.
    private var arrived: Set<ChildID> = []

    /// True when the daemon has started.
    var isOver: Bool {
        switch state {
        case .loading, .waiting: false
        case .over: true
        }
    }

    /// Notes the children of a committed configuration whose readiness is the daemon's.
    ///
    /// - Returns: True when nothing is missing from the start any more, once.
    mutating func expect(_ essential: Set<ChildID>) -> Bool {
        switch state {
        case .loading, .waiting: state = .waiting(for: essential)
        case .over: break
        }
        return ends()
    }

    /// Notes that a child has become ready, or has ended normally.
    ///
    /// - Returns: True when nothing is missing from the start any more, once.
    mutating func note(_ child: ChildID) -> Bool {
        guard !isOver else { return false }
        arrived.insert(child)
        return ends()
    }

    private mutating func ends() -> Bool {
        guard case .waiting(let missing) = state, missing.isSubset(of: arrived) else { return false }
        state = .over
        arrived = []
        return true
    }
}

extension SupervisionEvent {
    /// The child that with this event has become ready or has done its work; nil for every other event.
    ///
    /// A child that fails is `backingOff` or `failed`; `stopped` is one that ended as it should.
    var arrival: ChildID? {
        switch self {
        case .changed(let id, .ready), .changed(let id, .stopped): id
        case .changed, .crashed, .willRestart, .gaveUp, .forced, .unresponsive, .conditionChanged, .groupRestarts,
            .groupGaveUp:
            nil
        }
    }
}

extension SupervisionEvent {
    /// True for what the daemon's loop waits for; all the others only the journal takes.
    var concernsDaemon: Bool {
        switch self {
        case .changed(_, .ready), .changed(_, .stopped), .changed(_, .failed), .gaveUp, .groupGaveUp: true
        case .changed, .crashed, .willRestart, .forced, .unresponsive, .conditionChanged, .groupRestarts: false
        }
    }
}
