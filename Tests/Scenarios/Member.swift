/// A member of a group of two programs with an echo service between them.
enum Member: String, Sendable {
    case first
    case echo
    case last
}
