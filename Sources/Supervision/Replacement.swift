/// How a later generation of a child takes the place of an earlier one.
public enum Replacement: Hashable, Sendable {
    /// The new one is ready before the old one is asked to stop.
    case overlapping
    /// The old one has ended before the new one runs: two cannot be at once.
    case afterStop
}
