/// Text from elsewhere, made harmless: nothing in it moves the cursor, sets colours or turns the direction of writing.
enum Printable {
    /// Nothing that is shown needs more; a program can put a whole page into its last error.
    private static let limit = 2_000

    static func text(_ raw: String) -> String {
        let isHarmless = raw.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        if isHarmless, raw.utf8.count <= limit { return raw }
        var text = String.UnicodeScalarView()
        for scalar in raw.unicodeScalars.prefix(limit) {
            if isHarmless || Self.isHarmless(scalar) {
                text.append(scalar)
            } else {
                text.append(contentsOf: escaped(scalar).unicodeScalars)
            }
        }
        return String(text)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        case _: true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _: "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
}
