/// The life of a child.
public enum ChildState: String, Hashable, Sendable, CaseIterable {
    case created
    case preparing
    case running
    case ready
    case draining
    case backingOff = "backing-off"
    case stopped
    case failed
}
