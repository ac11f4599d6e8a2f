/// The names that a file chooses for its services, upstreams and the like.
enum Names {
    /// Names appear in every log line and in file names.
    private static let lengthLimit = 64

    /// The same rule for the JSON Schema.
    static let pattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,\(lengthLimit - 1)}$"

    static func complaint(_ name: String, word: String) -> String? {
        guard !name.isEmpty, name.utf8.count <= lengthLimit, name.utf8.allSatisfy(isAllowed), !startsOddly(name) else {
            let rule = "use 1 to \(lengthLimit) letters, digits, `-`, `_` and `.`, not starting with `-` or `.`"
            // Under `upstreams` a line in the wrong place may be a credential.
            let shown = word == "service" ? Wording.quoted(name) : "`***`"
            return "cannot use \(shown) as the name of \(Wording.article(word)): \(rule)"
        }
        guard word == "upstream", name == "direct" else { return nil }
        return "cannot name an upstream `direct`: the word means no upstream, choose another name"
    }

    private static func startsOddly(_ name: String) -> Bool {
        name.hasPrefix("-") || name.hasPrefix(".")
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        case _: false
        }
    }
}
