/// The names that a file chooses for its services, upstreams and the like.
enum Names {
    /// Names appear in every log line and in file names.
    private static let lengthLimit = 64

    /// The word for what environments define, whose names are the system's.
    static let variable = "variable"

    /// The same rule for the JSON Schema.
    static func pattern(for word: String) -> String {
        word == variable ? "^[^=]+$" : "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,\(lengthLimit - 1)}$"
    }

    /// The name of the service or group of which `name` is an instance, as logs show it: of `web@1` it is `web`.
    static func base(ofInstance name: String) -> String? {
        guard let at = name.lastIndex(of: "@"), Scalars.isNumber(name[name.index(after: at)...]) else { return nil }
        return String(name[..<at])
    }

    static func complaint(_ name: String, word: String) -> String? {
        if word == variable { return isVariable(name) ? nil : variableComplaint }
        guard !name.isEmpty, name.utf8.count <= lengthLimit, name.utf8.allSatisfy(isAllowed), !startsOddly(name) else {
            let rule = "use 1 to \(lengthLimit) letters, digits, `-`, `_` and `.`, not starting with `-` or `.`"
            // Under `upstreams` a line in the wrong place may be a credential.
            let shown = word == "service" ? Wording.quoted(name) : "`***`"
            return "cannot use \(shown) as the name of \(Wording.article(word)): \(rule)"
        }
        guard word == "upstream", name == "direct" else { return nil }
        return "cannot name an upstream `direct`: the word means no upstream, choose another name"
    }

    private static let variableComplaint =
        "cannot use this as the name of a variable: write a name without `=` and NUL, and its value after `: `"

    private static func isVariable(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
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
