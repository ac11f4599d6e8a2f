/// What is said about a text that libyaml accepts and this format does not.
enum Sentence {
    static let alias = "cannot use an alias (`*name`): repeat the value itself"
    static let anchor = "cannot use an anchor (`&name`): remove it and write the value wherever it is needed"
    static let tag = "cannot use a tag (`!name`): remove it, the type of every value follows from its key"
    static let directive = "cannot use a directive (a line that starts with `%`): remove the line"
    static let secondDocument = "cannot read a second document: keep one document in a file, remove this one"
    static let indentingTab = "cannot use a tab as indentation: indent with spaces"
    static let tab = "cannot use a tab between words or signs: write spaces, or put a text with a tab in quotes"

    static let missingValue = "cannot read a value here: write one, put it in quotes, or remove the punctuation"

    static let mergeKey = "cannot use a merge key (`<<`): write the keys out in this mapping"
    static let complexKey = "cannot use a list or a mapping as a key: write a name before the `:`"
    static let emptyKey = "cannot use an empty key: write a name before the `:`"
    static let controlInKey = "cannot use a key with a line break or a control character: write one printable word"
    static let longKey = "cannot use a key of over \(Limits.keyBytes) bytes: shorten it"

    static let longScalar = "cannot use a value of over \(Limits.scalarBytes) bytes: shorten it"
    static let depth = "cannot nest more than \(Limits.depth) levels deep: close brackets or flatten the structure"
    static let tooManyEvents =
        "cannot read more than \(Limits.events) keys, values and brackets: make the file smaller"
    static let tooManyErrors = "cannot list more than \(Limits.errors) problems: repair the ones above first"

    static func duplicate(_ key: String, first: Position) -> String {
        "cannot use the key `\(key)` twice in one mapping, it is first at \(first.line):\(first.column): "
            + "remove one of the two"
    }

    static func control(_ character: Unicode.Scalar) -> String {
        "cannot use the control character \(name(of: character.value)) in a value: remove it"
    }

    /// `U+001B`.
    static func name(of codePoint: UInt32) -> String {
        let digits = String(codePoint, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
