import Testing

@Suite(.timeLimit(.minutes(1)))
struct ManualTests {
    private static let pages = SourceTree.files.filter { $0.path.hasPrefix("man/") }
    private static let examples = SourceTree.files.filter {
        $0.path.hasPrefix("examples/") && $0.path.hasSuffix(".yaml")
    }

    /// The texts between `.Bd -literal` and `.Ed`, without the escapes of the manual.
    private static func displays(of page: SourceFile) -> [String] {
        page.text.split(separator: "\n.Bd -literal").dropFirst().compactMap { rest in
            guard let end = rest.firstRange(of: "\n.Ed"), let start = rest.firstIndex(of: "\n") else { return nil }
            return rest[rest.index(after: start)..<end.lowerBound].replacing("\\e", with: "\\") + "\n"
        }
    }

    /// A line with a key at its beginning, as in no command.
    private static func isConfiguration(_ text: String) -> Bool {
        text.split(separator: "\n").contains { line in
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return false }
            return line[..<colon].allSatisfy { $0.isLowercase || $0 == "_" || $0 == "-" }
        }
    }

    @Test
    func `every configuration in a manual page is an example or a part of one`() {
        #expect(Self.pages.count == 2)
        var seen = 0
        for page in Self.pages {
            for text in Self.displays(of: page) where Self.isConfiguration(text) {
                seen += 1
                #expect(Self.examples.contains { ("\n" + $0.text).contains("\n" + text) }, "\(page.path):\n\(text)")
            }
        }
        #expect(seen > 7)
    }

    @Test
    func `a command and a tree of processes are no configuration`() {
        #expect(Self.isConfiguration("# a\nservices:\n"))
        #expect(!Self.isConfiguration("supervisor -c services.yaml\n  supervisor-warden\n"))
        #expect(!Self.isConfiguration("curl http://127.0.0.1/\n"))
    }
}
