/// Swift text without what its comments, strings and backticked names say: blanks stand there, line breaks stay.
struct Code: Sendable {
    private(set) var characters: [Character] = []
    var text: String { String(characters) }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    private let source: [Character]
    private var index = 0

    init(_ text: String) {
        source = Array(text)
        characters.reserveCapacity(source.count)
        while index < source.count { step() }
    }

    private mutating func step() {
        if at("//") {
            while index < source.count, source[index] != "\n" { blank() }
        } else if at("/*") {
            skipBlockComment()
        } else if let hashes = openingHashes() {
            skipString(hashes: hashes)
        } else if source[index] == "`" {
            blank()
            while index < source.count, source[index] != "`", source[index] != "\n" { blank() }
            if index < source.count { blank() }
        } else {
            characters.append(source[index])
            index += 1
        }
    }

    private func at(_ word: String) -> Bool { source[index...].starts(with: word) }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < source.count {
            characters.append(source[index] == "\n" ? "\n" : " ")
            index += 1
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < source.count
    }

    /// The number of `#` before a quote, absent when no string starts here.
    private func openingHashes() -> Int? {
        let hashes = source[index...].prefix { $0 == "#" }.count
        return index + hashes < source.count && source[index + hashes] == "\"" ? hashes : nil
    }

    private mutating func skipString(hashes: Int) {
        blank(hashes)
        let marks = at("\"\"\"") ? "\"\"\"" : "\""
        let suffix = String(repeating: "#", count: hashes)
        blank(marks.count)
        while index < source.count {
            if at(marks + suffix) {
                blank(marks.count + hashes)
                return
            }
            if marks.count == 1, source[index] == "\n" { return }
            if at("\\" + suffix + "(") {
                blank(hashes + 2)
                skipInterpolation()
            } else if at("\\" + suffix) {
                blank(hashes + 2)
            } else {
                blank()
            }
        }
    }

    private mutating func skipInterpolation() {
        var depth = 1
        while index < source.count, depth > 0 {
            if let hashes = openingHashes() {
                skipString(hashes: hashes)
            } else {
                depth += source[index] == "(" ? 1 : source[index] == ")" ? -1 : 0
                blank()
            }
        }
    }
}
