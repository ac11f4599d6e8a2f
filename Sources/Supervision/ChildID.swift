/// Names one child of a supervisor: a replacement of the same name has a later generation.
public struct ChildID: Hashable, Sendable {
    /// What others require it by; the same in every generation.
    public var name: String
    /// The number of the committed configuration that started this child.
    public var generation: UInt64

    /// Names a child of a generation.
    public init(name: String, generation: UInt64) {
        self.name = name
        self.generation = generation
    }
}
