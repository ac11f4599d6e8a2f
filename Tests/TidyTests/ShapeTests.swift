import Testing

@Suite(.timeLimit(.minutes(1)))
struct ShapeTests {
    private static let fileLines = 400
    private static let functionLines = 60
    private static let columns = 120

    @Test
    func `files, functions and lines have a bounded size`() {
        #expect(SourceTree.sources.count > 20 && SourceTree.tests.count > 5)
        for file in SourceTree.sources + SourceTree.tests {
            #expect(file.lines.count - 1 <= Self.fileLines, "\(file.path) has \(file.lines.count - 1) lines")
            for (index, line) in file.lines.enumerated() where line.count > Self.columns {
                Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
            }
            for function in Functions.lengths(in: Code(file.text)) where function.length > Self.functionLines {
                Issue.record("\(file.path):\(function.line) is a function of \(function.length) lines")
            }
        }
    }

    @Test
    func `every file ends with one line break`() {
        for file in SourceTree.files where !file.text.isEmpty {
            #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
        }
    }

    @Test
    func `a file of the sources declares one type, which names it`() {
        for file in SourceTree.sources {
            let names = Self.topLevelTypes(in: Code(file.text))
            let key = Exceptions.Key(path: file.path, word: Exceptions.types)
            let allowed = Exceptions.ofProject.counts[key]
            #expect(names.count == allowed ?? min(names.count, 1), "\(file.path) declares \(names)")
            let isNamed = names.contains { file.stem == $0 || file.stem.hasPrefix($0 + "+") }
            #expect(isNamed || names.isEmpty, "\(file.path) declares \(names)")
        }
    }

    @Test
    func `an example begins with a line that says what it shows`() {
        for file in SourceTree.files where file.path.hasPrefix("examples/") && file.path.hasSuffix(".yaml") {
            #expect(file.text.hasPrefix("# "), "\(file.path)")
        }
    }

    @Test
    func `the changelog has a section for what is not released`() {
        #expect(SourceTree.text("CHANGELOG.md").contains("\n## [Unreleased]\n"))
    }

    @Test
    func `a function is measured from its name to its closing brace`() {
        let code = Code(
            """
            protocol P { func a() async throws
                func b(_ x: () -> Void = {}) }
            struct S {
                init?(_ text: String) where X: Y {
                    self.init(1)
                }
                func c(
                    x: Int
                ) async
                    -> Int
                {
                    let y = "}"
                }
            }
            """
        )
        let lengths = Functions.lengths(in: code)
        #expect(lengths.map(\.line) == [4, 7])
        #expect(lengths.map(\.length) == [3, 7])
    }

    /// The names of the types at brace depth zero that other files can see.
    private static func topLevelTypes(in code: Code) -> [String] {
        var depth = 0
        var names: [String] = []
        for line in code.lines {
            if depth == 0, !line.hasPrefix("extension ") {
                let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
                let kinds = ["struct", "enum", "class", "actor", "protocol"]
                if let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count,
                    !words[..<kind].contains("private"), !words[..<kind].contains("fileprivate"),
                    !words[..<kind].contains("import"), !line.hasPrefix(" ")
                {
                    names.append(words[kind + 1])
                }
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
        }
        return names
    }
}
