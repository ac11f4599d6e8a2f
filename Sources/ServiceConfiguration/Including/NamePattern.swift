/// One part of a path with wildcards: `*` for any text, `?` for one character, `[a-z]` for one of several.
struct NamePattern: Hashable {
    /// Why a part of a path is no pattern; completes "cannot use this pattern: ...".
    struct Problem: Error {
        var advice: String
    }

    private enum Piece: Hashable {
        case one(Unicode.Scalar)
        case anyOne
        case anyText
        case oneOf([ClosedRange<Unicode.Scalar>], isExcluding: Bool)

        /// False for any text, which is no single character.
        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .one(let own): scalar == own
            case .anyOne: true
            case .anyText: false
            case .oneOf(let ranges, let isExcluding): ranges.contains { $0.contains(scalar) } != isExcluding
            }
        }
    }

    private var pieces: [Piece] = []

    init(parsing text: Substring) throws(Problem) {
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*" where pieces.last == .anyText:
                throw Problem(advice: "`**` reaches no further than `*`, write `*/` for each folder")
            case "*": pieces.append(.anyText)
            case "?": pieces.append(.anyOne)
            case "[": pieces.append(try Self.set(&rest))
            case _: pieces.append(.one(scalar))
            }
        }
    }

    static func hasWildcard(_ text: Substring) -> Bool {
        text.unicodeScalars.contains { $0 == "*" || $0 == "?" || $0 == "[" }
    }

    /// A name that starts with a dot is hidden: only a pattern that says the dot finds it.
    func matches(_ name: String) -> Bool {
        guard !name.hasPrefix(".") || pieces.first == .one(".") else { return false }
        let scalars = Array(name.unicodeScalars)
        var (place, piece) = (0, 0)
        // Where to go on when what follows the last `*` does not fit: one character later, never at an earlier `*`.
        var retry: (place: Int, piece: Int)?
        while place < scalars.count {
            if piece < pieces.count, pieces[piece] == .anyText {
                piece += 1
                retry = (place, piece)
            } else if piece < pieces.count, pieces[piece].matches(scalars[place]) {
                place += 1
                piece += 1
            } else if let last = retry {
                retry = (last.place + 1, last.piece)
                (place, piece) = (last.place + 1, last.piece)
            } else {
                return false
            }
        }
        return pieces[piece...].allSatisfy { $0 == .anyText }
    }

    /// What stands between `[` and `]`; a `]` at the beginning is one of the characters.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) throws(Problem) -> Piece {
        let isExcluding = rest.first == "!" || rest.first == "^"
        if isExcluding { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let first = rest.popFirst() {
            if first == "]", !ranges.isEmpty { return .oneOf(ranges, isExcluding: isExcluding) }
            guard rest.first == "-", let last = rest.dropFirst().first, last != "]" else {
                ranges.append(first...first)
                continue
            }
            guard first <= last else {
                throw Problem(advice: "`\(first)-\(last)` is empty, write the first character before the last")
            }
            ranges.append(first...last)
            rest.removeFirst(2)
        }
        throw Problem(advice: "close the `[` with `]`, or write `[[]` for the character itself")
    }
}
