import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SourcePositionTests {
    @Test(arguments: [
        ("    to: h:${env:UNSET}", "4:11"),
        ("    to: \"h:${env:UNSET}\"", "4:12"),
        ("    to: 'ä${env:UNSET}'", "4:11"),
        ("    to: \"h\\x3a${env:UNSET}\"", "4:9"),
        ("    to: >-\n      h:${env:UNSET}", "4:9"),
        ("    to: 'it''s${env:UNSET}'", "4:9"),
    ])
    func `a place inside a value is exact where the file has the very text`(line: String, place: String) {
        let other = "services:\n  f: {type: echo, listen: 127.0.0.1:1}\n"
        let text = other + "  g:\n\(line)\n    type: forward\n    listen: 127.0.0.1:2\n"
        #expect(Reading.diagnostics(text).map { String($0.prefix(place.utf8.count + 1)) } == [place + ":"])
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"])
    func `lines are counted as the parser counts them`(lineBreak: String) throws {
        let lines = ["# one", "services:", "  a: {type: echo, listen: nowhere}", ""]
        let text = lines.joined(separator: lineBreak)
        guard case .rejected(let diagnostics) = Reading.outcome(text) else {
            Issue.record("accepted")
            return
        }
        #expect(diagnostics.map(\.position.line) == [3])
        let report = DiagnosticReport(diagnostics, sources: [Reading.source(text)]).text
        #expect(report.contains(" 3 |   a: {type: echo, listen: nowhere}\n"))
    }

    @Test
    func `a byte order mark takes no column`() {
        #expect(
            Reading.diagnostics("\u{FEFF}nonsense: {}\nservices: {a: {type: echo, listen: 127.0.0.1:1}}").count == 1
        )
        #expect(Reading.diagnostics("\u{FEFF}servces: {}").map { $0.prefix(4) } == ["1:1:"])
    }
}
