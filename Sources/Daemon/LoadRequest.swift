import ControlPlane
import Planning
import Supervision

/// What a load is to bring about, and who wants it.
struct LoadRequest: Sendable {
    /// What is to run afterwards.
    enum Goal: Sendable {
        /// What the file says now.
        case file
        /// What runs now, with these services started, stopped or restarted.
        case order(Order, services: [String])
        /// What ran before.
        case reversal(to: Intent)
    }

    var cause: LoadRecord.Cause
    var goal: Goal
    /// The new generation is reverted after this time unless somebody confirms it.
    var confirmWithin: Duration?
    /// Children of the trial that is under way: their failure does not end the daemon either.
    var onTrial: Set<ChildID> = []

    init(_ cause: LoadRecord.Cause, _ goal: Goal = .file, confirmWithin: Duration? = nil) {
        self.cause = cause
        self.goal = goal
        self.confirmWithin = confirmWithin
    }

    /// True when a generation that fails is reverted: not the first one, nor one that runs what ran before.
    func isTried(from state: RunningState) -> Bool {
        guard state.generation > 0 else { return false }
        switch goal {
        case .file, .order(.start, _): return true
        case .order, .reversal: return false
        }
    }
}
