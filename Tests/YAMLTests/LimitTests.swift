import Testing

@testable import YAML

@Suite(.timeLimit(.minutes(1)))
struct LimitTests {
    private func document(_ text: String) -> Document { Document(parsing: Array(text.utf8)) }

    private func nested(_ depth: Int, _ opening: String, _ closing: String) -> String {
        String(repeating: opening, count: depth) + "x" + String(repeating: closing, count: depth)
    }

    @Test
    func `a file may have exactly a mebibyte`() {
        let line = "# " + String(repeating: "c", count: 61) + "\n"
        let full = String(repeating: line, count: Limits.fileBytes / line.utf8.count)
        #expect(full.utf8.count == Limits.fileBytes)
        #expect(document(full).errors.isEmpty)
        #expect(document(full + "#").errors.map(\.position) == [Position(line: 1, column: 1)])
        #expect(document(full + "#").errors.allSatisfy { $0.message.contains("1048577 bytes") })
    }

    @Test(arguments: [("[", "]", 33), ("{a: ", "}", 129), ("- ", "", 65), ("? ", "", 65)])
    func `a document may nest to the limit and not deeper`(opening: String, closing: String, column: Int) {
        let allowed = document(nested(Limits.depth, opening, closing))
        #expect(allowed.errors.allSatisfy { !$0.message.contains("levels deep") })
        let refused = document(nested(Limits.depth + 1, opening, closing))
        #expect(refused.root == nil)
        #expect(refused.errors.last?.position == Position(line: 1, column: column))
        #expect(refused.errors.last?.message.contains("32 levels deep") == true)
    }

    @Test(arguments: ["[", "{", "- ", "[{"])
    func `a flood of brackets is refused before it is scanned`(sign: String) {
        let flood = String(repeating: sign, count: 100_000 / sign.utf8.count)
        var composer = Composer(SourceText(Array(flood.utf8)))
        #expect(composer.compose() == nil)
        let error = composer.sortedErrors.last
        #expect(error?.message == Sentence.depth)
        #expect(error?.position.column == 1 + Limits.depth * (sign == "- " ? 2 : 1))
        #expect(composer.eventCount <= Limits.depth + 4)
        // libyaml looks up to 1024 characters ahead for the `:` of a key.
        #expect(composer.scannedCharacters < 2048)
    }

    @Test
    func `a value and a key may be as long as their limits`() {
        let value = String(repeating: "v", count: Limits.scalarBytes)
        #expect(document("a: \(value)").errors.isEmpty)
        #expect(document("b: 1\na: \(value)v").errors.map(\.position) == [Position(line: 2, column: 4)])
        let key = String(repeating: "k", count: Limits.keyBytes)
        #expect(document("\(key): 1").errors.isEmpty)
        #expect(document("a: {\(key)k: 1}").errors.map(\.position) == [Position(line: 1, column: 5)])
        #expect(document("? \(String(repeating: key, count: 8))\n: 1").errors.map(\.message) == [Sentence.longKey])
    }

    @Test
    func `a key is measured in bytes`() {
        #expect(document(String(repeating: "é", count: 128) + ": 1").errors.isEmpty)
        #expect(document(String(repeating: "é", count: 129) + ": 1").errors.map(\.message) == [Sentence.longKey])
    }

    @Test
    func `the number of events is limited`() {
        // Around the items: the starts and the ends of the stream, the document and the list.
        let most = "[" + String(repeating: "x,", count: Limits.events - 7) + "x]"
        #expect(document(most).errors.isEmpty)
        let over = document("[" + String(repeating: "x,", count: Limits.events) + "x]")
        #expect(over.root == nil)
        #expect(over.errors.map(\.message) == [Sentence.tooManyEvents])
        #expect(over.errors.map(\.position) == [Position(line: 1, column: 2 * (Limits.events - 2))])
    }

    @Test
    func `ten thousand services with eight keys each are within the limits`() {
        let keys = (0..<8).map { "\n k\($0): value" }.joined()
        let text = (0..<10_000).map { "s\($0):\(keys)\n" }.joined()
        #expect(text.utf8.count < Limits.fileBytes)
        #expect(document(text).errors.isEmpty)
    }

    @Test
    func `the number of reported problems is limited`() {
        let document = document(String(repeating: "- *x\n", count: 5000))
        #expect(document.root == nil)
        #expect(document.errors.count == Limits.errors + 1)
        #expect(document.errors.last?.message == Sentence.tooManyErrors)
        #expect(document.errors.last?.position == Position(line: Limits.errors + 1, column: 3))
    }
}
