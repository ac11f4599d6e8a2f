/// How messages speak: quoting, lists, articles.
enum Wording {
    /// Longer quotations make a message unreadable and are cut.
    private static let quotationLimit = 60
    /// So many names of a circle are shown at its beginning, and at its end.
    private static let circleEnd = 4

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

    /// `a -> b -> a`; of a long circle the beginning, how many names are left out, and the end.
    static func circle<Members: RandomAccessCollection>(
        _ members: Members,
        name: (Members.Element) -> String
    ) -> String {
        let between = members.count - 2 * circleEnd
        var names = members.prefix(between > 1 ? circleEnd : members.count).map(name)
        if between > 1 { names += ["(\(between) more)"] + members.suffix(circleEnd).map(name) }
        return (names + members.prefix(1).map(name)).joined(separator: " -> ")
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
