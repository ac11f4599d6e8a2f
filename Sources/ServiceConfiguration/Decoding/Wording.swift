/// How messages speak: quoting, lists, articles.
enum Wording {
    /// Longer quotations make a message unreadable and are cut.
    private static let quotationLimit = 60

    /// `text` in backticks when it can be shown: nothing that could be a URL with a password in it.
    static func quoted(_ text: String) -> String {
        guard !text.contains("@"), !text.contains("://") else { return "`***`" }
        return quotedPath(text)
    }

    /// A path in backticks, cut to a readable length and without control characters.
    static func quotedPath(_ text: String) -> String {
        let printable = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "\u{FFFD}" : Character($0) }
        let cut = printable.count > quotationLimit ? printable.prefix(quotationLimit) + ["…"] : printable[...]
        return "`\(String(cut))`"
    }

    /// `a`, `a or b`, `a, b or c`.
    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    static func article(_ word: String) -> String {
        word.first.map { "aeiou".contains($0) } == true ? "an \(word)" : "a \(word)"
    }

    /// "did you mean `near`?" when something is near, else `otherwise`.
    static func suggestion(for text: String, among candidates: [String], otherwise: String) -> String {
        guard let near = Nearest.candidate(to: text, among: candidates) else { return otherwise }
        return "did you mean `\(near)`?"
    }
}
