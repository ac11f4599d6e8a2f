/// Finds the word that somebody probably meant.
package enum Nearest {
    /// A name longer than this is no typing error, and comparing costs the product of both lengths.
    private static let lengthLimit = 64
    /// With more candidates than this a suggestion is not worth its time.
    private static let candidateLimit = 1000
    /// With more unknown keys in one mapping than a report lists, what each was meant to be does not matter.
    static let unknownLimit = 100

    /// The nearest candidate, nil when none is near enough to be a typing error.
    package static func candidate(to text: String, among candidates: [String]) -> String? {
        guard text.count <= lengthLimit, !text.isEmpty else { return nil }
        let wanted = normal(text)
        var best: (distance: Int, word: String)?
        for word in candidates.prefix(candidateLimit) where word.count <= lengthLimit {
            let shorter = min(text.count, word.count)
            let other = normal(word)
            // The distance is at least the difference in length.
            guard abs(wanted.count - other.count) <= max(1, shorter / 3) else { continue }
            let distance = distance(wanted, other)
            // One letter for another is no typing error in a name of one letter.
            guard distance <= max(1, shorter / 3), distance < max(shorter, 1) else { continue }
            guard distance < best?.distance ?? .max else { continue }
            best = (distance, word)
        }
        return best?.word
    }

    /// Case and the choice between `-` and `_` do not count.
    private static func normal(_ text: String) -> [UInt8] {
        text.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// Insertions, removals, replacements and swaps of neighbours between two words (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in 0..<left.count {
            var row = [i + 1]
            for j in 0..<right.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }
}
