/// The keys that one kind of mapping has.
struct SchemaRecord: Sendable {
    /// What a message calls the mapping.
    var name: String
    var keys: [SchemaKey]
    /// Keys of which a mapping has exactly one; empty: there is no such choice.
    var alternatives: [String] = []

    subscript(name: String) -> SchemaKey? {
        keys.first { $0.name == name }
    }
}
