/// One kind of services: the word of `type` and the keys that come with it.
struct SchemaKind: Sendable {
    var word: String
    /// The keys that it adds to the common ones.
    var own: SchemaRecord
    /// The common keys that it does not have, each with what to do instead.
    ///
    /// It takes them from `defaults` without a word, where they stand for other services.
    var lacks: [String: String] = [:]

    /// All keys of such a service.
    var record: SchemaRecord {
        SchemaRecord(name: own.name, keys: Schema.common.keys.filter { lacks[$0.name] == nil } + own.keys)
    }
}
