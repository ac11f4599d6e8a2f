/// One key of a record: its name, its type and everything that manual and JSON Schema say about it.
struct SchemaKey: Sendable {
    var name: String
    var type: SchemaType
    /// The value that holds when the key is absent, as one would write it; nil: there is none.
    var defaultText: String?
    /// True when the file must have the key.
    var isRequired: Bool
    /// True when `null` may be written for "none".
    var isNullable: Bool
    /// One sentence.
    var help: String

    init(
        _ name: String,
        _ type: SchemaType,
        default defaultText: String? = nil,
        required isRequired: Bool = false,
        nullable isNullable: Bool = false,
        _ help: String
    ) {
        self.name = name
        self.type = type
        self.defaultText = defaultText
        self.isRequired = isRequired
        self.isNullable = isNullable
        self.help = help
    }
}
