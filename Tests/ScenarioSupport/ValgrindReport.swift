/// What valgrind says at the end of a program.
package struct ValgrindReport: Sendable {
    package let text: String

    package static func command(log: String) throws -> [String] {
        [
            try Command.program("valgrind"), "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--error-exitcode=9", "--log-file=\(log)",
        ]
    }

    package init(log: String) throws {
        text = try FileText.read(log)
    }

    package init(text: String) {
        self.text = text
    }

    /// Nothing when the report is incomplete.
    package var errors: Int? { number(after: "ERROR SUMMARY: ") }

    package var definitelyLostBytes: Int? {
        if text.contains("All heap blocks were freed") { return 0 }
        return number(after: "definitely lost: ")
    }

    private func number(after prefix: String) -> Int? {
        guard let place = text.ranges(of: prefix).last else { return nil }
        return Int(text[place.upperBound...].prefix { $0 != " " }.filter { $0 != "," })
    }
}
