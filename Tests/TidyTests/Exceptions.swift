/// The lines `path: word: count: reason` of Exceptions.txt: rules that are broken on purpose.
struct Exceptions: Sendable {
    struct Key: Hashable, Sendable {
        var path: String
        var word: String
    }

    static let ofProject = Exceptions(SourceTree.text("Tests/TidyTests/Exceptions.txt"))
    /// The word for a file that declares more than one type.
    static let types = "types"

    private(set) var counts: [Key: Int] = [:]
    /// The lines that cannot be read, or that lack their reason.
    private(set) var faults: [String] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            // A word may hold a colon itself (`promise: nil`); the count after it cannot be mistaken.
            guard let match = line.wholeMatch(of: /(.+?): (.+?): ([1-9][0-9]*): (.+)/), let count = Int(match.3) else {
                faults.append(String(line))
                continue
            }
            let key = Key(path: String(match.1), word: String(match.2))
            if counts.updateValue(count, forKey: key) != nil { faults.append("twice: \(line)") }
        }
    }
}
