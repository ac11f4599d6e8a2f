import Testing

@Suite(.timeLimit(.minutes(1)))
struct WordTests {
    private static let bannedInSources = [
        "Task {", "Task(", "Task.detached", "DispatchQueue", "try?", "promise: nil", "fatalError(",
        "@unchecked Sendable", "nonisolated(unsafe)", "as!", "try!", "import Foundation",
    ]
    /// A test waits for a fact; time passes only in an injected clock.
    private static let bannedInTests = ["sleep("]
    private static let exceptions = Exceptions.ofProject

    private static func count(_ word: String, in code: String) -> Int {
        code.ranges(of: word).count { range in
            guard word.first?.isLetter == true, word != "sleep(", range.lowerBound > code.startIndex else {
                return true
            }
            let before = code[code.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber || before == "_")
        }
    }

    @Test
    func `a banned word stands only where an exception gives its reason`() {
        #expect(Self.exceptions.faults.isEmpty)
        var found: [Exceptions.Key: Int] = [:]
        for (files, words) in [(SourceTree.sources, Self.bannedInSources), (SourceTree.tests, Self.bannedInTests)] {
            for file in files {
                let code = Code(file.text).text
                for word in words {
                    let count = Self.count(word, in: code)
                    if count > 0 { found[Exceptions.Key(path: file.path, word: word)] = count }
                }
            }
        }
        for (key, count) in found {
            let allowed = Self.exceptions.counts[key] ?? 0
            #expect(count == allowed, "\(key.path) has `\(key.word)` \(count) times, \(allowed) allowed")
        }
        for key in Self.exceptions.counts.keys where key.word != Exceptions.types {
            #expect(found[key] != nil, "the exception \(key.path): \(key.word) is no longer used: remove it")
        }
    }

    @Test
    func `an exception is a path, a word, a count and a reason`() {
        let exceptions = Exceptions("# c\nA.swift: promise: nil: 2: why: so\nB.swift: try?: 1\nC: as!: 0: x\n")
        #expect(exceptions.counts == [.init(path: "A.swift", word: "promise: nil"): 2])
        #expect(exceptions.faults.count == 2)
    }

    @Test
    func `nothing is left to do later`() {
        let words = ["TO" + "DO", "FIX" + "ME"]
        for file in SourceTree.files {
            for word in words { #expect(!file.text.contains(word), "\(file.path) says \(word)") }
        }
    }

    @Test
    func `no file names a machine on which it was written`() {
        let words = [
            "/ro" + "ot/", "/wo" + "rk/", "/opt/" + "swift", "arti" + "factory", "pypi" + ".org",
            "npmjs" + ".", "crates" + ".io", "proxy.go" + "lang.org",
        ]
        for file in SourceTree.files {
            for word in words { #expect(!file.text.contains(word), "\(file.path) names \(word)") }
        }
    }

    @Test
    func `words in comments, strings and names are not code`() {
        let text = """
            // try? /* fatalError(
            let a = "try! \\(b("as!")) as!" + #"as! "\\ "# /* try! /* as! */ try! */ + x
            func `sleep( as!`() {}
            """
        let code = Code(text).text
        #expect(!code.contains("!") && !code.contains("?") && !code.contains("fatal") && !code.contains("sleep"))
        #expect(code.contains("+ x") && code.contains("() {}"))
        #expect(code.count == text.count)
        #expect(Self.count("Task {", in: "group.addTask { Task { x } }") == 1)
    }
}
