/// What a text is for.
enum SchemaText: Sendable {
    case plain
    case path
    case url
    /// Never quoted in a message and never printed.
    case secret

    /// True when a value of this form can carry a secret.
    var isSecret: Bool { self == .secret || self == .url }
}
