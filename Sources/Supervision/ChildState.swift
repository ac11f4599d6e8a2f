/// The life of a child.
public enum ChildState: String, Hashable, Sendable, CaseIterable {
    /// It waits for its requirements, for its predecessor's end, or for the round of its group.
    case created
    /// It acquires what it needs, to start again.
    case preparing
    /// It runs and does not serve yet.
    case running
    /// It serves.
    case ready
    /// It was asked to stop, or is rolled back.
    case draining
    /// It failed and waits for its next attempt.
    case backingOff = "backing-off"
    /// It has ended and is not to start again by itself.
    case stopped
    /// It gave up.
    case failed
}
