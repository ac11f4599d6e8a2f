/// One single damage to a configuration file, and the line at which it must be reported.
package struct Mutation: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case typo
        case type
        case range
        case duplicate
        case cut
    }

    package let kind: Kind
    package let file: String
    package let line: Int
    package let text: String

    package var description: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "\(kind.rawValue) in \(file):\(line): \(line <= lines.count ? String(lines[line - 1]) : "")"
    }

    /// Keys of the schema: only in these a changed letter is an error of its own line (a name could be any).
    private static let keys = [
        "log", "level", "format", "shutdown", "delay", "drain", "upstreams", "url", "username", "password", "services",
        "defaults", "type", "listen", "to", "upstream", "instances", "requires", "restart", "essential", "enabled",
        "max_connections", "idle_timeout", "connect_timeout", "timeouts", "allow_open", "policy", "intensity",
        "period", "reset_after", "backoff", "initial", "factor", "max", "jitter",
    ]
    /// Keys whose value is a duration or a count: one without a unit, or below zero, is out of range.
    private static let ranges = [
        "delay": "-1s", "drain": "99999999999999999999s", "max_connections": "-1", "idle_timeout": "-5s",
        "connect_timeout": "-5s", "instances": "0", "intensity": "-1", "period": "-60s", "reset_after": "-30s",
        "initial": "-1s", "listen": "127.0.0.1:65536", "to": "127.0.0.1:70000", "level": "loudest",
        "format": "telegram",
    ]

    /// All mutations of a file.
    package static func all(of text: String, file: String) -> [Mutation] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var found: [Mutation] = []
        for (index, line) in lines.enumerated() {
            guard let first = line.first(where: { $0 != " " }), first != "#" else { continue }
            for (kind, damaged) in damages(of: line) {
                var changed = lines
                changed.replaceSubrange(index...index, with: damaged)
                // A cut ends the file in the line; a duplicate is reported where the second one stands.
                if kind == .cut { changed.removeSubrange((index + 1)...) }
                let number = kind == .duplicate ? index + damaged.count : index + 1
                found.append(
                    Mutation(kind: kind, file: file, line: number, text: changed.joined(separator: "\n"))
                )
            }
        }
        return found
    }

    /// Every damage of one line: the kind and the lines that stand in its place.
    private static func damages(of line: String) -> [(Kind, [String])] {
        var found: [(Kind, [String])] = []
        let comment = line.firstRange(of: " #")?.lowerBound ?? line.endIndex
        for key in keys {
            guard let place = line.firstRange(of: key + ": "), place.upperBound <= comment,
                isKeyStart(place.lowerBound, in: line)
            else {
                if line.trimmed == key + ":" { found.append((.typo, [line.replacing(":", with: "q:")])) }
                continue
            }
            found.append((.typo, [line.replacingCharacters(in: place, with: key + "q: ")]))
            let value = valueRange(after: place.upperBound, in: line)
            guard !value.isEmpty else { continue }
            let original = String(line[value])
            if !original.hasPrefix("{") {
                found.append((.type, [line.replacingCharacters(in: value, with: "{ x: [1] }")]))
            }
            if let wrong = ranges[key], !original.hasPrefix("[") {
                found.append((.range, [line.replacingCharacters(in: value, with: wrong)]))
            }
            let isAlone = line.trimmed.hasPrefix(key)
            if isAlone {
                found.append((.duplicate, [line, line]))
            } else {
                let twice = "\(key): \(original), \(key): \(original)"
                found.append(
                    (.duplicate, [line.replacingCharacters(in: place.lowerBound..<value.upperBound, with: twice)])
                )
            }
        }
        for opening in ["{", "[", "\""] {
            if let place = line.firstRange(of: opening), place.upperBound <= comment {
                found.append((.cut, [String(line[..<place.upperBound])]))
            }
        }
        return found
    }

    private static func isKeyStart(_ index: String.Index, in line: String) -> Bool {
        guard index > line.startIndex else { return true }
        return " {,".contains(line[line.index(before: index)])
    }

    /// The value that begins at an index: a quoted text, a flow collection, or up to the next separator.
    private static func valueRange(after start: String.Index, in line: String) -> Range<String.Index> {
        var depth = 0
        var isQuoted = false
        var index = start
        while index < line.endIndex {
            let character = line[index]
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted {
                if "{[".contains(character) { depth += 1 }
                if "}]".contains(character) {
                    if depth == 0 { break }
                    depth -= 1
                }
                if depth == 0 && (character == "," || line[index...].hasPrefix(" #")) { break }
            }
            index = line.index(after: index)
        }
        while index > start, line[line.index(before: index)] == " " { index = line.index(before: index) }
        return start..<index
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        return String(text)
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
