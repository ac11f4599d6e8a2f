import YAML

/// The values of a mapping by key; what is missing, null or broken reads as nil, the schema check has reported it.
struct Fields {
    private var nodes: [String: Node] = [:]
    /// In the order of the file.
    private var keys: [String] = []

    init(_ node: Node?) {
        guard case .mapping(let entries)? = node?.content else { return }
        for entry in entries { nodes[entry.key] = entry.value }
        keys = entries.map(\.key)
    }

    subscript(key: String) -> Node? { nodes[key] }

    /// True when the key is there, or an unknown key that is probably meant to be it.
    func mentions(_ key: String, in record: SchemaRecord) -> Bool {
        guard nodes[key] == nil else { return true }
        let names = record.keys.map(\.name)
        let unknown = keys.lazy.filter { record[$0] == nil }.prefix(Nearest.unknownLimit)
        return unknown.contains { Nearest.candidate(to: $0, among: names) == key }
    }

    func text(_ key: String) -> String? {
        guard case .scalar(let text, _)? = nodes[key]?.content else { return nil }
        return text
    }

    func isNull(_ key: String) -> Bool {
        guard case .scalar(let text, let quoted)? = nodes[key]?.content else { return false }
        return Scalars.isNull(text, quoted: quoted)
    }

    func boolean(_ key: String) -> Bool? {
        text(key).flatMap { ["true": true, "false": false][$0] }
    }

    func integer(_ key: String) -> Int? { text(key).flatMap(Scalars.integer) }

    static func integer(_ node: Node) -> Int? {
        guard case .scalar(let text, _) = node.content else { return nil }
        return Scalars.integer(text)
    }

    func decimal(_ key: String) -> Double? { text(key).flatMap(Scalars.decimal) }

    func duration(_ key: String) -> Duration? { text(key).flatMap(Scalars.duration) }

    func mapping(_ key: String) -> Fields { Fields(nodes[key]) }

    /// One node, or the nodes of a list.
    func oneOrMany(_ key: String) -> [Node] {
        guard let node = nodes[key] else { return [] }
        guard case .sequence(let nodes) = node.content else { return [node] }
        return nodes
    }

    /// The kind that a `type` names, nil when there is none of this name.
    static func kind(of node: Node) -> SchemaKind? {
        guard case .scalar(let text, _) = node.content else { return nil }
        return Schema.kinds.first { $0.word == text }
    }
}
