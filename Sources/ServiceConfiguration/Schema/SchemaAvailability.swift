/// Whether this version has a key or a word.
enum SchemaAvailability: Sendable {
    case available
    /// Known, checked and documented, but refused in this version.
    case later
}
