import Supervision

/// What can still be asked of a load that is under way.
struct LoadControl: Sendable {
    /// Roll back instead of committing; looked at before the commit.
    let callOff = Signal()
    /// Do not wait any longer until what was started is ready; looked at after the commit.
    let endWait = Signal()
}
