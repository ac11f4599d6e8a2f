/// The functions and initializers of a file, with the number of lines each takes.
enum Functions {
    static func lengths(in code: Code) -> [(line: Int, length: Int)] {
        let characters = code.characters
        var lineOf = [Int]()
        var line = 1
        for character in characters {
            lineOf.append(line)
            if character == "\n" { line += 1 }
        }
        var lengths: [(line: Int, length: Int)] = []
        for start in characters.indices where isDeclaration(characters, at: start) {
            guard let opening = body(characters, from: start) else { continue }
            let closing = end(characters, of: opening, "{", "}")
            lengths.append((lineOf[start], lineOf[closing] - lineOf[start] + 1))
        }
        return lengths
    }

    private static func isDeclaration(_ characters: [Character], at index: Int) -> Bool {
        if index > 0, isWord(characters[index - 1]) || characters[index - 1] == "." { return false }
        for word in ["func ", "init(", "init?(", "init<", "deinit "] where characters[index...].starts(with: word) {
            return true
        }
        return false
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// The brace that opens the body; absent for a requirement of a protocol and for a call.
    private static func body(_ characters: [Character], from start: Int) -> Int? {
        var index = start
        var line: [Character] = []
        while index < characters.count {
            let character = characters[index]
            switch character {
            case "{": return index
            case "}": return nil
            case "(": index = end(characters, of: index, "(", ")")
            case "\n":
                let rest = String(characters[index...].prefix(200)).drop { $0 == " " || $0 == "\n" }
                let goesOn = ["->", "where ", "async", "throws", "{", ")", ","].contains { rest.hasPrefix($0) }
                let isOpen = line.last { $0 != " " } == ","
                guard goesOn || isOpen else { return nil }
                line = []
            default: line.append(character)
            }
            index += 1
        }
        return nil
    }

    /// The index of the bracket that closes the one at `opening`, or the last index.
    private static func end(
        _ characters: [Character],
        of opening: Int,
        _ open: Character,
        _ close: Character
    ) -> Int {
        var depth = 0
        for index in opening..<characters.count {
            if characters[index] == open { depth += 1 }
            if characters[index] == close { depth -= 1 }
            if depth == 0 { return index }
        }
        return characters.count - 1
    }
}
