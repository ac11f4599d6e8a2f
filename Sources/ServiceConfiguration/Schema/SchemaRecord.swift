/// The keys that one kind of mapping has.
struct SchemaRecord: Sendable {
    /// What a message calls the mapping.
    var name: String
    var keys: [SchemaKey]
    /// Keys of which a mapping has exactly one; empty: there is no such choice.
    var alternatives: [String] = []
    /// A key beside which no other is required; nil: there is none.
    var waiver: String?

    subscript(name: String) -> SchemaKey? {
        keys.first { $0.name == name }
    }
}
