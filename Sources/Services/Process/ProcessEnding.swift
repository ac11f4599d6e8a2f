/// How the life of a program ends.
enum ProcessEnding: Hashable, Sendable {
    case normal
    /// The text starts with `cannot` and ends with what to do.
    case crashed(String)
}
