import YAML

/// Says what is wrong with a scalar of a type whose value does not depend on expressions.
enum ScalarCheck {
    /// The complaint about `text` as a value of `key`, nil when there is none.
    static func complaint(
        _ text: String,
        quoted: Bool,
        as type: SchemaType,
        of key: String,
        advice: String
    ) -> String? {
        switch type {
        case .boolean: boolean(text, quoted: quoted, key: key)
        case .integer(let range): integer(text, quoted: quoted, range: range, key: key, advice: advice)
        case .decimal(let range): decimal(text, quoted: quoted, range: range, key: key, advice: advice)
        case .duration(let range): duration(text, range: range, key: key, advice: advice)
        case .size(let range): size(text, range: range, key: key, advice: advice)
        case .choice(let choices): choice(text, among: choices, key: key, advice: advice)
        case .text, .listen, .destination, .reference, .pattern, .list, .some, .oneOrMany, .record, .names,
            .either, .service:
            nil
        }
    }

    private static func boolean(_ text: String, quoted: Bool, key: String) -> String? {
        if text == "true" || text == "false" {
            return quoted ? "cannot use a quoted `\(text)` for `\(key)`: remove the quotes" : nil
        }
        let shown = Wording.quoted(text)
        if ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) {
            return "cannot use \(shown) for `\(key)`: write true or false (YAML 1.1 took such words for them)"
        }
        return "cannot use \(shown) for `\(key)`: write true or false"
    }

    private static func integer(
        _ text: String,
        quoted: Bool,
        range: ClosedRange<Int>,
        key: String,
        advice: String
    ) -> String? {
        guard let value = Scalars.integer(text) else { return number(text, key: key, advice: advice) }
        guard !quoted else { return "cannot use a quoted number for `\(key)`: remove the quotes" }
        guard !range.contains(value) else { return nil }
        return "cannot use \(Wording.quoted(text)) for `\(key)`: \(advice)"
    }

    private static func decimal(
        _ text: String,
        quoted: Bool,
        range: ClosedRange<Double>,
        key: String,
        advice: String
    ) -> String? {
        guard let value = Scalars.decimal(text) else { return number(text, key: key, advice: advice) }
        guard !quoted else { return "cannot use a quoted number for `\(key)`: remove the quotes" }
        guard !range.contains(value) else { return nil }
        return "cannot use \(Wording.quoted(text)) for `\(key)`: \(advice)"
    }

    /// The complaint about something that should be a number and is not.
    private static func number(_ text: String, key: String, advice: String) -> String {
        let shown = Wording.quoted(text)
        let isDigits = !text.isEmpty && text.utf8.allSatisfy(Scalars.isDigit)
        let stripped = text.drop { $0 == "0" }
        if isDigits, text.hasPrefix("0"), !stripped.isEmpty {
            return "cannot tell whether \(shown) for `\(key)` is octal: write \(stripped)"
        }
        if text.contains("${") {
            return "cannot use an expression for `\(key)`: \(advice)"
        }
        return "cannot use \(shown) for `\(key)`: \(advice)"
    }

    private static func duration(_ text: String, range: ClosedRange<Duration>, key: String, advice: String) -> String? {
        let shown = Wording.quoted(text)
        guard let value = Scalars.duration(text) else {
            if Scalars.isNumber(text) {
                return
                    "cannot use \(shown) for `\(key)` without a unit: write `\(text)s` for seconds, or use ms, m or h"
            }
            return "cannot use \(shown) for `\(key)`: \(advice)"
        }
        if value < range.lowerBound {
            let (seconds, _) = range.lowerBound.components
            return "cannot use \(shown) for `\(key)`: write "
                + (seconds > 0 ? "at least \(seconds)s" : "a duration above zero")
        }
        if value > range.upperBound { return "cannot use \(shown) for `\(key)`: write at most 8760h (a year)" }
        return nil
    }

    private static func size(_ text: String, range: ClosedRange<Int>, key: String, advice: String) -> String? {
        let shown = Wording.quoted(text)
        guard let value = Scalars.size(text) else {
            if Scalars.isNumber(text) {
                return
                    "cannot use \(shown) for `\(key)` without a unit: write `\(text)B`, or use KiB, MiB or GiB"
            }
            if Scalars.isSize(text) {
                return "cannot use \(shown) for `\(key)`: write at most \(Scalars.largestSize)"
            }
            return "cannot use \(shown) for `\(key)`: \(advice)"
        }
        return range.contains(value) ? nil : "cannot use \(shown) for `\(key)`: \(advice)"
    }

    private static func choice(_ text: String, among choices: [String], key: String, advice: String) -> String? {
        guard !choices.contains(text) else { return nil }
        // Signals have a longer name elsewhere.
        let short = choices.first { text.uppercased() == "SIG" + $0 }
        let hint = Wording.suggestion(for: short ?? text, among: choices, otherwise: advice)
        return "cannot use \(Wording.quoted(text)) for `\(key)`: \(hint)"
    }
}
