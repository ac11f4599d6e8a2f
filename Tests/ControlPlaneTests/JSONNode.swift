import Foundation

/// A JSON text as a value that tests walk through.
enum JSONNode: Decodable, Equatable {
    case object([String: JSONNode])
    case array([JSONNode])
    case text(String)
    case flag(Bool)
    case number(Double)

    init(_ bytes: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(JSONNode.self, from: Data(bytes))
    }

    /// A null is none of them: the API leaves out what has no value.
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .object(try container.decode([String: JSONNode].self))
        } catch DecodingError.typeMismatch {
            do {
                self = .array(try container.decode([JSONNode].self))
            } catch DecodingError.typeMismatch {
                self = try Self.scalar(container)
            }
        }
    }

    private static func scalar(_ container: any SingleValueDecodingContainer) throws -> JSONNode {
        do { return .text(try container.decode(String.self)) } catch DecodingError.typeMismatch {}
        do { return .flag(try container.decode(Bool.self)) } catch DecodingError.typeMismatch {}
        return .number(try container.decode(Double.self))
    }

    /// The members of an object; none for everything else.
    var members: [String: JSONNode] { if case .object(let members) = self { members } else { [:] } }
    var items: [JSONNode] { if case .array(let items) = self { items } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The texts of an array.
    var words: Set<String> { Set(items.compactMap(\.text)) }

    /// The word of JSON Schema for what it is.
    var type: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .text: "string"
        case .flag: "boolean"
        case .number(let number): number == number.rounded() ? "integer" : "number"
        }
    }
}
