extension Duration {
    /// The duration as a reader of an error wants it: `30s`, `1.5s` or `250ms`.
    var words: String {
        let milliseconds = Int64(self / .milliseconds(1))
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        if rest == 0 { return "\(seconds)s" }
        if seconds == 0 { return "\(rest)ms" }
        let digits = String(1_000 + rest).dropFirst()
        let zeros = digits.reversed().prefix { $0 == "0" }.count
        return "\(seconds).\(digits.dropLast(zeros))s"
    }
}
