import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(1)))
struct LineSplitterTests {
    /// Splits `chunks`; a part ends in `…`.
    private func lines(_ chunks: [[UInt8]]) -> [String] {
        var splitter = LineSplitter(isError: false)
        var lines: [ProcessLine] = []
        for chunk in chunks {
            splitter.append(chunk)
            while let line = splitter.next(atEnd: false) { lines.append(line) }
        }
        while let line = splitter.next(atEnd: true) { lines.append(line) }
        return lines.map { $0.text + ($0.isPart ? "…" : "") }
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
        ("\r\n", [""]), ("a\rb\n", ["a\rb"]), ("a\r", ["a\r"]), ("a\0b\u{1b}[0m\n", ["a\0b\u{1b}[0m"]), ("é\n", ["é"]),
    ])
    func `a line ends at a line feed, and the last one at the end`(text: String, expected: [String]) {
        #expect(lines([Array(text.utf8)]) == expected)
        #expect(lines(text.utf8.map { [$0] }) == expected)
    }

    @Test func `bytes that are not UTF-8 are replaced`() {
        #expect(lines([[0x61, 0xff, 0x62, 0x0a]]) == ["a\u{fffd}b"])
    }

    @Test(arguments: [8191, 8192, 8193, 8194, 16384, 16385, 20000], ["", "\n", "\r\n"])
    func `a line beyond the limit comes in parts`(length: Int, end: String) {
        let text = [UInt8](repeating: 0x78, count: length)
        var expected: [String] = []
        var rest = length
        while rest > 8192 {
            expected.append(String(repeating: "x", count: 8192) + "…")
            rest -= 8192
        }
        expected.append(String(repeating: "x", count: rest))
        let bytes = text + Array(end.utf8)
        #expect(lines([bytes]) == expected)
        #expect(lines(bytes.map { [$0] }) == expected)
    }

    @Test func `a part does not end inside a character`() {
        for prefix in 0..<4 {
            let text = String(repeating: "x", count: prefix) + String(repeating: "😀", count: 5000)
            let parts = lines([Array(text.utf8)])
            #expect(parts.joined().filter { $0 != "…" } == text)
        }
    }

    @Test func `many bytes without a character's start are cut at the limit`() {
        let parts = lines([[UInt8](repeating: 0x80, count: 20000)])
        #expect(parts.count == 3)
    }
}
