/// Words the complaint about a key that a record does not have.
enum UnknownKey {
    private static let keys = SchemaKeys(Schema.root)

    /// `candidates` has the keys that may be meant, where they are more than the record's own.
    static func complaint(_ text: String, in record: SchemaRecord, candidates: SchemaRecord? = nil) -> String {
        let shown = isShowable(text, in: record) ? Wording.quoted(text) : "`***`"
        if let advice = Schema.kinds.first(where: { $0.own.name == record.name })?.lacks[text] {
            return "cannot use \(shown) in \(record.name): \(advice)"
        }
        if let owner = Schema.kinds.first(where: { $0.own[text] != nil })?.word, isService(record) {
            return "cannot use \(shown) in \(record.name): only services of type \(owner) have it; remove it"
        }
        if let near = Nearest.candidate(to: text, among: (candidates ?? record).keys.map(\.name)) {
            return "cannot use unknown key \(shown) in \(record.name): did you mean `\(near)`?"
        }
        if record.name == Schema.defaults.name, Schema.common[text] != nil {
            return "cannot use \(shown) in \(record.name): write it in each service"
        }
        let names = record.keys.map { "`\($0.name)`" }
        return "cannot use unknown key \(shown) in \(record.name): use \(Wording.alternatives(names))"
    }

    /// False for what may be a secret that lost its key, as in `password:secret` without the space.
    private static func isShowable(_ text: String, in record: SchemaRecord) -> Bool {
        guard Names.complaint(text, word: "key") == nil else { return false }
        // A key of another mapping says nothing.
        if keys.isKnown(text) { return true }
        let hasSecret = record.keys.contains { key in
            guard case .text(let form) = key.type else { return false }
            return form.isSecret
        }
        return !hasSecret || Nearest.candidate(to: text, among: record.keys.map(\.name)) != nil
    }

    private static func isService(_ record: SchemaRecord) -> Bool {
        record.name == Schema.common.name || Schema.kinds.contains { $0.own.name == record.name }
    }
}
