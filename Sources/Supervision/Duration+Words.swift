extension Duration {
    /// The duration as a reader of a log wants it: `250ms`, `1.5s`, `2m`, `1h30m` or `3d`.
    ///
    /// Cut to what says something beside the rest: a hundredth below ten seconds, a tenth below a minute.
    package var words: String {
        let milliseconds = Int64(self / .milliseconds(1))
        guard milliseconds >= 1_000 || milliseconds == 0 else { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1_000
        switch seconds {
        case ..<10: return Self.decimal(milliseconds / 10, places: 2) + "s"
        case ..<60: return Self.decimal(milliseconds / 100, places: 1) + "s"
        case ..<3_600: return Self.pair(seconds / 60, "m", seconds % 60, "s")
        case ..<86_400: return Self.pair(seconds / 3_600, "h", seconds % 3_600 / 60, "m")
        default: return Self.pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
        }
    }

    /// A fixed-point number without the zeros at its end.
    private static func decimal(_ number: Int64, places: Int) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let (whole, fraction) = (padded.dropLast(places), padded.suffix(places))
        let significant = fraction.reversed().drop { $0 == "0" }.reversed()
        return significant.isEmpty ? String(whole) : whole + "." + String(significant)
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        "\(large)\(unit)" + (small == 0 ? "" : "\(small)\(smallUnit)")
    }
}
