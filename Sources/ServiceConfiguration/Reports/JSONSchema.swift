/// The JSON Schema (2020-12) of what this version accepts in `services.yaml`, for editors.
package enum JSONSchema {
    /// The whole schema, ending with a line break.
    package static var text: String {
        var entries: [(key: String, value: JSONValue)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("services.yaml")),
        ]
        guard case .object(let root) = object(Schema.root) else { return "" }
        entries += root
        entries.append(("patternProperties", .object([("^x-", .boolean(true))])))
        return JSONValue.object(entries).pretty() + "\n"
    }

    private static func object(_ record: SchemaRecord, type: String? = nil) -> JSONValue {
        let keys = record.keys
        let properties = keys.map { key in
            (key: key.name, value: key.name == "type" ? constant(type, of: key) : property(key))
        }
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        var entries: [(key: String, value: JSONValue)] = [
            ("type", .string("object")), ("properties", .object(properties)),
        ]
        if let waiver = record.waiver {
            let choices = [required, [.string(waiver)]].map { JSONValue.object([("required", .array($0))]) }
            entries.append(("anyOf", .array(choices)))
        } else if !required.isEmpty {
            entries.append(("required", .array(required)))
        }
        let alternatives = record.alternatives.map { JSONValue.object([("required", .array([.string($0)]))]) }
        if !alternatives.isEmpty { entries.append(("oneOf", .array(alternatives))) }
        entries.append(("additionalProperties", .boolean(false)))
        return .object(entries)
    }

    private static func constant(_ word: String?, of key: SchemaKey) -> JSONValue {
        guard let word else { return property(key) }
        return .object([("const", .string(word)), ("description", .string(key.help))])
    }

    private static func property(_ key: SchemaKey) -> JSONValue {
        var entries = schema(key.type)
        if key.isNullable { entries = [("anyOf", .array([.object(entries), .object([("type", .string("null"))])]))] }
        entries.append(("description", .string(key.help)))
        if let text = key.defaultText { entries.append(("default", value(text, of: key))) }
        return .object(entries)
    }

    /// A default as JSON.
    private static func value(_ text: String, of key: SchemaKey) -> JSONValue {
        switch key.type {
        case _ where key.isNullable && text == "null": .null
        case .integer: Scalars.integer(text).map { .integer($0) } ?? .string(text)
        case .decimal: Scalars.decimal(text).map { .decimal($0) } ?? .string(text)
        case .boolean: .boolean(text == "true")
        case .text, .duration, .size, .choice, .listen, .destination, .reference, .pattern, .some, .oneOrMany, .record,
            .names, .either, .service:
            .string(text)
        // The one default of a list is that of exit codes, which are numbers.
        case .list:
            .array(text.split { "[, ]".contains($0) }.compactMap { Scalars.integer(String($0)) }.map { .integer($0) })
        }
    }

    private static func schema(_ type: SchemaType) -> [(key: String, value: JSONValue)] {
        switch type {
        // A plain number or word is text here; an editor's YAML parser calls it something else.
        case .text: return [("type", .array([.string("string"), .string("number"), .string("boolean")]))]
        case .listen, .destination, .reference, .pattern: return [("type", .string("string"))]
        case .boolean: return [("type", .string("boolean"))]
        case .integer(let range):
            return [
                ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                ("maximum", .integer(range.upperBound)),
            ]
        case .decimal(let range):
            return [
                ("type", .string("number")), ("minimum", .decimal(range.lowerBound)),
                ("maximum", .decimal(range.upperBound)),
            ]
        case .duration(let range):
            let number = range.contains(.zero) ? "(0|[1-9][0-9]*)" : "[1-9][0-9]*"
            return [("type", .string("string")), ("pattern", .string("^\(number)(ms|s|m|h)$"))]
        case .size: return [("type", .string("string")), ("pattern", .string("^(0|[1-9][0-9]*)(B|KiB|MiB|GiB|TiB)$"))]
        case .choice(let choices):
            // An editor's YAML parser takes the plain word `null` for no text.
            let words = choices.map { JSONValue.string($0) } + (choices.contains("null") ? [.null] : [])
            return [("enum", .array(words))]
        case .list(let element): return [("type", .string("array")), ("items", .object(schema(element)))]
        case .some(let element): return schema(.list(element)) + [(key: "minItems", value: JSONValue.integer(1))]
        case .oneOrMany(let element):
            return [("anyOf", .array([.object(schema(element)), .object(schema(.some(element)))]))]
        case .record(let record): return entries(of: object(record))
        case .names(let word, let element):
            return [
                ("type", .string("object")), ("minProperties", .integer(word == "service" ? 1 : 0)),
                ("propertyNames", .object([("pattern", .string(Names.pattern(for: word)))])),
                ("additionalProperties", .object(schema(element))),
            ]
        case .either(let scalar, let record):
            return [("anyOf", .array([.object(schema(scalar)), object(record)]))]
        case .service:
            return [("oneOf", .array(Schema.kinds.map { object($0.record, type: $0.word) }))]
        }
    }

    private static func entries(of value: JSONValue) -> [(key: String, value: JSONValue)] {
        guard case .object(let entries) = value else { return [] }
        return entries
    }
}
