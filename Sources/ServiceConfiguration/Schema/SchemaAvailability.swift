/// Whether this version has a key.
enum SchemaAvailability: Sendable {
    case available
    /// Known, checked and documented, but refused in this version.
    case later
}
