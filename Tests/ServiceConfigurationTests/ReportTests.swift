import FoundationEssentials
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReportTests {
    private func report(_ line: String, column: Int, message: String = "cannot") -> String {
        let diagnostic = Diagnostic(at: SourcePosition(file: "f", line: 1, column: column), message)
        return DiagnosticReport([diagnostic], sources: [Reading.source(line, file: "f")]).text
    }

    @Test(arguments: [
        ("level: inf", 8, " 1 | level: inf\n   |        ^\n"),
        ("level:\tinf", 8, " 1 | level: inf\n   |        ^\n"),
        ("level: 日本 x", 11, " 1 | level: 日本 x\n   |             ^\n"),
        ("level: e\u{301} x", 11, " 1 | level: e\u{301} x\n   |          ^\n"),
        ("level: \u{1B}[31m", 8, " 1 | level: \u{FFFD}[31m\n   |        ^\n"),
        ("level: x", 99, " 1 | level: x\n   |         ^\n"),
        ("password: x", 11, " 1 | password: ***\n   |           ^\n"),
        ("", 1, ""),
    ])
    func `a caret stands below the place`(line: String, column: Int, excerpt: String) {
        #expect(report(line, column: column) == "f:1:\(column): cannot\n" + excerpt)
    }

    @Test
    func `a long line is cut around the place`() {
        let line = "level: " + String(repeating: "a", count: 300) + "b" + String(repeating: "c", count: 300)
        let lines = report(line, column: 308).split(separator: "\n").map { Array($0) }
        #expect(lines.count == 3)
        #expect(lines[1].count <= 110)
        #expect(lines[1][lines[2].count - 1] == "b")
    }

    @Test(arguments: [1, 129, 200_000])
    func `a line longer than anybody writes is shown from its beginning only`(column: Int) {
        let lines = report(String(repeating: "{a: ", count: 50_000), column: column).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.count <= 110 })
        #expect(lines[1].contains("{a: {a: "))
    }

    @Test
    func `what may be a credential is hidden although the line is cut before its end`() {
        let url = String(repeating: "p", count: 5000) + "@h:1"
        #expect(report("to: \(url)", column: 5) == "f:1:5: cannot\n 1 | to: ***\n   |     ^\n")
        #expect(!report("- \(url)", column: 3).contains("p"))
        #expect(!report("password:\(String(repeating: " ", count: 5000))\n  pp", column: 1).contains("pp"))
    }

    @Test
    func `the JSON form can be read back`() throws {
        struct Read: Decodable, Equatable {
            struct Entry: Decodable, Equatable {
                var file: String
                var line: Int
                var column: Int
                var message: String
            }
            var diagnostics: [Entry]
        }
        let message = "cannot \"quote\" \\ \n \u{1} ä"
        let diagnostic = Diagnostic(at: SourcePosition(file: "f", line: 3, column: 4), message)
        let json = DiagnosticReport([diagnostic], sources: []).json
        #expect(json.filter { $0 == "\n" }.count == 1)
        let read = try JSONDecoder().decode(Read.self, from: Data(json.utf8))
        #expect(read == Read(diagnostics: [.init(file: "f", line: 3, column: 4, message: message)]))
        #expect(DiagnosticReport([], sources: []).json == "{\"diagnostics\":[]}\n")
    }

    @Test
    func `the JSON Schema has the keys of this version and no others`() throws {
        struct Read: Decodable {
            struct Property: Decodable {}
            struct Choice: Decodable {
                var required: [String]
            }
            var anyOf: [Choice]
            var properties: [String: Property]
            var additionalProperties: Bool
        }
        let read = try JSONDecoder().decode(Read.self, from: Data(JSONSchema.text.utf8))
        #expect(
            read.properties.keys.sorted() == [
                "control", "defaults", "groups", "include", "log", "pools", "services", "shutdown", "status",
                "upstreams",
            ]
        )
        #expect(read.anyOf.map(\.required) == [["services"], ["include"]])
        #expect(!read.additionalProperties)
        #expect(JSONSchema.text.contains("\"process\""))
        #expect(JSONSchema.text.contains("\"max_connections\""))
        // Editors take the plain word for no text.
        #expect(JSONSchema.text.contains("\"enum\": [\"log\", \"null\", \"inherit\", null]"))
    }
}
