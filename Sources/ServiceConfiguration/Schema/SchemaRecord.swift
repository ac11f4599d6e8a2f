/// The keys that one kind of mapping has.
struct SchemaRecord: Sendable {
    /// What a message calls the mapping.
    var name: String
    var keys: [SchemaKey]

    subscript(name: String) -> SchemaKey? {
        keys.first { $0.name == name }
    }
}
