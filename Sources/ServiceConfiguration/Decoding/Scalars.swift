import YAML

/// The forms of scalars: the schema decides what a text is, never the text itself.
package enum Scalars {
    static func integer(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard isNumber(digits), text != "-0" else { return nil }
        return Int(text)
    }

    static func decimal(_ text: String) -> Double? {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, isNumber(whole) else { return nil }
        guard parts.count == 1 || (!parts[1].isEmpty && parts[1].utf8.allSatisfy(isDigit)) else { return nil }
        return Double(text)
    }

    /// `250ms`, `30s`, `5m` or `2h`.
    package static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = numberAndUnit(text) else { return nil }
        // More milliseconds than this do not fit; every allowed range is far smaller.
        guard number <= 1_000_000_000_000 else { return nil }
        switch unit {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case _: return nil
        }
    }

    /// The most that a size can say, in its largest unit.
    static let largestSize = "\(Int.max >> 40)TiB"

    private static let sizeUnits = ["B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40]

    /// True for what is written like a size, also when it is too large to be one.
    static func isSize(_ text: String) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return isNumber(digits) && sizeUnits[String(text[digits.endIndex...])] != nil
    }

    static func size(_ text: String) -> Int? {
        guard let (number, unit) = numberAndUnit(text), let factor = sizeUnits[unit] else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : bytes
    }

    static func isNull(_ text: String, quoted: Bool) -> Bool {
        !quoted && ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// `0`, or digits without a leading zero.
    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit) && (text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"))
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func numberAndUnit(_ text: String) -> (Int, String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard isNumber(digits), let number = Int(digits) else { return nil }
        return (number, String(text[digits.endIndex...]))
    }
}
