/// What the value of a key may be.
indirect enum SchemaType: Sendable {
    /// Text that may contain expressions.
    case text(SchemaText)
    /// `true` or `false`.
    case boolean
    case integer(ClosedRange<Int>)
    case decimal(ClosedRange<Double>)
    case duration(ClosedRange<Duration>)
    /// A number of bytes.
    case size(ClosedRange<Int>)
    /// One of a few words.
    case choice([String])
    /// An address to listen on.
    case listen
    /// An address to connect to.
    case destination
    /// The name of something defined elsewhere in the file; `word` says of what.
    case reference(word: String)
    /// The path of a file, or a pattern for paths.
    case pattern
    /// A list, empty or not.
    case list(SchemaType)
    /// A list with at least one element.
    case some(SchemaType)
    case oneOrMany(SchemaType)
    /// A mapping with the keys of a record.
    case record(SchemaRecord)
    /// A mapping from names that the file chooses; `word` says what they name.
    case names(word: String, SchemaType)
    /// A scalar or list of the first type, or a mapping with the keys of the record.
    case either(SchemaType, SchemaRecord)
    /// A mapping whose keys depend on its `type`.
    case service
}

extension SchemaType {
    /// What to write where something else stands; completes "cannot use this: ...".
    var advice: String {
        switch self {
        case .text(.url): "write a URL such as `http://proxy.example:3128`"
        case .text: "write a text"
        case .boolean: "write true or false"
        case .integer(let range): "write a number from \(range.lowerBound) to \(range.upperBound)"
        case .decimal(let range): "write a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: "write a duration such as `500ms`, `5s`, `2m` or `1h`"
        case .size: "write a size such as `64KiB` or `1MiB`"
        case .choice(let choices):
            "write " + Wording.alternatives(choices.map { "`\($0)`" })
        case .listen: "write an address such as `127.0.0.1:8080`, `\"[::1]:8080\"` or `unix:/run/name.sock`"
        case .destination: "write an address such as `example.org:80` or `unix:/run/name.sock`"
        case .reference(let word): "write the name of \(Wording.article(word))"
        case .pattern: "write a path or a pattern such as `conf.d/*.yaml`"
        case .list, .some: "write a list such as `[first, second]`"
        case .oneOrMany(let element): element.advice + ", or a list"
        case .record: "write a mapping of keys"
        case .names(let word, _): "write a mapping from \(word) names"
        case .either(let scalar, _): scalar.advice + ", or a mapping of keys"
        case .service: "write a mapping of keys, starting with `type`"
        }
    }

    /// True when `word` is one of the words that may stand here: then it is no missing value, whatever it looks like.
    func hasChoice(_ word: String) -> Bool {
        switch self {
        case .choice(let choices): choices.contains(word)
        case .oneOrMany(let element), .either(let element, _): element.hasChoice(word)
        case .text, .boolean, .integer, .decimal, .duration, .size, .listen, .destination, .reference, .pattern, .list,
            .some, .record, .names, .service:
            false
        }
    }

    /// True when `${...}` in a scalar of this type is replaced.
    var takesExpressions: Bool {
        switch self {
        case .text, .listen, .destination: true
        case .boolean, .integer, .decimal, .duration, .size, .choice, .reference, .pattern, .list, .some, .oneOrMany,
            .record, .names, .either, .service:
            false
        }
    }
}
