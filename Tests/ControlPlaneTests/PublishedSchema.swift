import ScenarioSupport

/// `schema/control-api.schema.json`, as far as its own words go: a validator that also tells what it has met.
struct PublishedSchema {
    let root: JSONNode
    /// The properties that occurred, each as `Definition.key`.
    private(set) var met: Set<String> = []
    private(set) var faults: [String] = []

    init() throws {
        let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        root = try JSONNode(FileText.bytes(top + "/schema/control-api.schema.json"))
    }

    var definitions: [String: JSONNode] { root.members["$defs"]?.members ?? [:] }

    /// Every property that the schema knows, as `Definition.key`.
    var properties: [String: JSONNode] {
        let all = definitions.flatMap { name, definition in
            (definition.members["properties"]?.members ?? [:]).map { ("\(name).\($0)", $1) }
        }
        return Dictionary(uniqueKeysWithValues: all)
    }

    func words(of definition: String) -> [String] {
        (definitions[definition]?.members["enum"]?.items ?? []).compactMap(\.text)
    }

    mutating func check(_ value: JSONNode, as definition: String) {
        guard let rule = definitions[definition] else { return faults.append("there is no \(definition)") }
        check(value, rule, definition)
    }

    private mutating func check(_ value: JSONNode, _ rule: JSONNode, _ place: String) {
        let rule = rule.members
        if let reference = rule["$ref"]?.text { check(value, as: String(reference.dropFirst("#/$defs/".count))) }
        if let only = rule["const"], only != value { faults.append("\(place) is not \(only)") }
        if let choice = rule["enum"], !choice.items.contains(value) { faults.append("\(place): \(value)") }
        if let type = rule["type"]?.text, type != value.type, (type, value.type) != ("number", "integer") {
            faults.append("\(place) is of type \(value.type)")
        }
        for item in value.items { check(item, rule["items"] ?? .object([:]), place) }
        guard let known = rule["properties"]?.members else {
            for (key, member) in value.members {
                check(member, rule["additionalProperties"] ?? .object([:]), "\(place).\(key)")
            }
            return
        }
        for (key, member) in value.members {
            guard let property = known[key] else {
                faults.append("\(place) has no \(key)")
                continue
            }
            met.insert("\(place).\(key)")
            check(member, property, "\(place).\(key)")
        }
        let missing = (rule["required"]?.words ?? []).subtracting(value.members.keys)
        if !missing.isEmpty { faults.append("\(place) lacks \(missing.sorted())") }
    }
}
