/// All keys of all records by name, for questions about a key whose place is not known.
struct SchemaKeys {
    private var known: Set<String> = []
    private var secret: Set<String> = []
    /// The same in an order that does not change, for finding the nearest.
    private var secretNames: [String] = []

    init(_ record: SchemaRecord) {
        add(record)
        secretNames = secret.sorted()
    }

    /// True when the name is a key somewhere.
    func isKnown(_ name: String) -> Bool { known.contains(name) }

    /// True when the name is a key with a secret, or looks like one.
    func isSecret(_ name: String) -> Bool {
        if known.contains(name) { return secret.contains(name) }
        let lowercased = name.lowercased()
        let words = ["pass", "secret", "token", "user", "cred", "auth", "key", "url"]
        return words.contains { lowercased.contains($0) } || Nearest.candidate(to: name, among: secretNames) != nil
    }

    private mutating func add(_ record: SchemaRecord) {
        for key in record.keys {
            known.insert(key.name)
            add(key.type, of: key.name)
        }
    }

    private mutating func add(_ type: SchemaType, of name: String) {
        switch type {
        case .text(let text):
            if text.isSecret { secret.insert(name) }
        case .boolean, .integer, .decimal, .duration, .size, .choice, .listen, .destination, .reference, .pattern: break
        case .list(let element), .some(let element), .oneOrMany(let element), .names(_, let element):
            add(element, of: name)
        case .record(let record):
            add(record)
            // Whatever stands in the place of a credential is probably one.
            if record.isCredential { secret.insert(name) }
        case .either(let element, let record):
            add(element, of: name)
            add(record)
        case .service:
            add(Schema.common)
            for kind in Schema.kinds { add(kind.record) }
        }
    }
}

extension SchemaRecord {
    /// True when the mapping is nothing but secrets.
    fileprivate var isCredential: Bool {
        keys.allSatisfy { key in
            guard case .text(let text) = key.type else { return false }
            return key.isRequired && text.isSecret
        }
    }
}
