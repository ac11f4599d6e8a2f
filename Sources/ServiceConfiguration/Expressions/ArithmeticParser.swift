/// Reads arithmetic by recursive descent; nil means that the text is something else.
struct ArithmeticParser {
    /// Nobody writes more on purpose, and both parsing and evaluation recurse once for each.
    private static let partLimit = 64

    private var rest: Substring
    private var parts = 0

    init(_ text: String) {
        rest = text[...]
    }

    mutating func whole() -> Arithmetic? {
        guard let value = sum() else { return nil }
        skipSpaces()
        return rest.isEmpty ? value : nil
    }

    private mutating func sum() -> Arithmetic? {
        guard var value = product() else { return nil }
        while let symbol = next(tightly: false) {
            guard let right = product() else { return nil }
            value = .operation(symbol, value, right)
        }
        return value
    }

    private mutating func product() -> Arithmetic? {
        guard var value = factor() else { return nil }
        while let symbol = next(tightly: true) {
            guard let right = factor() else { return nil }
            value = .operation(symbol, value, right)
        }
        return value
    }

    private mutating func factor() -> Arithmetic? {
        parts += 1
        guard parts <= Self.partLimit else { return nil }
        skipSpaces()
        if rest.first == "(" {
            rest.removeFirst()
            guard let value = sum() else { return nil }
            skipSpaces()
            guard rest.first == ")" else { return nil }
            rest.removeFirst()
            return value
        }
        if rest.first == "-" {
            rest.removeFirst()
            return factor().map { .operation(.minus, .number(0), $0) }
        }
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        rest = rest[word.endIndex...]
        if word == "instance" { return .instance }
        guard Scalars.isNumber(word) else { return nil }
        return Int(word).map { .number($0) }
    }

    private mutating func next(tightly: Bool) -> Arithmetic.Operator? {
        skipSpaces()
        guard let symbol = rest.first.flatMap(Arithmetic.Operator.init), symbol.bindsTightly == tightly else {
            return nil
        }
        rest.removeFirst()
        return symbol
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == " " }
    }
}
