/// Reads files of variables, one `NAME=value` on each line, as systemd's `EnvironmentFile` has them.
///
/// Blank lines and lines that start with `#` or `;` say nothing. A value may stand in quotes, which end on its line.
enum EnvironmentFile {
    /// What cannot be understood, by the number of its line; the advice completes the message and quotes nothing.
    struct Problem: Error, Hashable {
        var line: Int
        var advice: String
    }

    /// Everything that cannot be understood in one file, in the order of its lines; never empty.
    struct Problems: Error, Hashable {
        var list: [Problem]
    }

    static func variables(of text: String) throws(Problems) -> [String: Secret] {
        var variables: [String: Secret] = [:]
        var problems: [Problem] = []
        // In UTF-8, where CR LF is two units and not one character.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            let line = trimmed(Substring(bytes))
            guard let first = line.first, first != "#", first != ";" else { continue }
            switch variable(line) {
            case .success(let (name, value)): variables[name] = Secret(value)
            case .failure(let problem): problems.append(Problem(line: index + 1, advice: problem.advice))
            }
        }
        guard problems.isEmpty else { throw Problems(list: problems) }
        return variables
    }

    private struct Unreadable: Error {
        var advice: String
    }

    private static func variable(_ line: Substring) -> Result<(name: String, value: String), Unreadable> {
        let name = trimmed(line.prefix { $0 != "=" })
        guard let equals = line.firstIndex(of: "="), isName(name) else {
            return .failure(Unreadable(advice: "write `NAME=value` with letters, digits and `_` in the name"))
        }
        guard !line.utf8.contains(0) else { return .failure(Unreadable(advice: "remove the NUL")) }
        return value(trimmed(line[line.index(after: equals)...])).map { (String(name), $0) }
    }

    private static func value(_ text: Substring) -> Result<String, Unreadable> {
        switch text.first {
        case "'"?:
            let body = text.dropFirst()
            guard let end = body.firstIndex(of: "'") else { return open }
            return body.index(after: end) == body.endIndex ? .success(String(body[..<end])) : more
        case "\""?: return quoted(text.dropFirst())
        case _: return unescaped(text)
        }
    }

    private static let open = Result<String, Unreadable>.failure(Unreadable(advice: "close the quote on the same line"))
    private static let more = Result<String, Unreadable>.failure(
        Unreadable(advice: "remove what follows the closing quote")
    )

    /// In double quotes a backslash makes text of another, of a quote, of `$` and of a backtick.
    private static func quoted(_ text: Substring) -> Result<String, Unreadable> {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            switch character {
            case "\"": return rest.isEmpty ? .success(result) : more
            case "\\":
                guard let next = rest.popFirst() else { return open }
                if !"\\\"$`".contains(next) { result.append("\\") }
                result.append(next)
            case _: result.append(character)
            }
        }
        return open
    }

    /// Without quotes a backslash makes text of any character.
    private static func unescaped(_ text: Substring) -> Result<String, Unreadable> {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard let next = rest.popFirst() else {
                let advice = "write the value on one line, and `\\\\` for a backslash at its end"
                return .failure(Unreadable(advice: advice))
            }
            result.append(next)
        }
        return .success(result)
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !Scalars.isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || Scalars.isDigit(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.unicodeScalars.last, " \t\r".unicodeScalars.contains(last) {
            text.unicodeScalars.removeLast()
        }
        while let first = text.unicodeScalars.first, " \t\r".unicodeScalars.contains(first) {
            text.unicodeScalars.removeFirst()
        }
        return text
    }
}
