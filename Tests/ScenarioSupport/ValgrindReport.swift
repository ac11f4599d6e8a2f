/// What valgrind says at the end of a program.
package struct ValgrindReport: Sendable {
    package let text: String

    /// What memcheck cannot know about the Swift runtime.
    ///
    /// A global is made once and lives as long as the process; where it is held by a pointer whose spare bits carry
    /// the case of an enum, memcheck does not follow it. And the runtime reads padding when it lays out a type.
    private static let suppressions = """
        {
           global
           Memcheck:Leak
           match-leak-kinds: definite
           fun:malloc
           ...
           fun:*once_slow*
        }
        {
           layout
           Memcheck:Cond
           fun:swift_init*Metadata*
        }

        """

    /// The words that run a program under valgrind, without the debugging information, of which valgrind 3.19 cannot
    /// read the form DWARF 5.
    package static func command(for binary: String, folder: String, log: String) throws -> [String] {
        let stripped = folder + "/supervisor"
        let status = try ChildProcess.run(
            Command(Command.program("strip"), ["--strip-debug", "-o", stripped, binary])
        )
        guard status == .exited(0) else { throw ScenarioFailure("cannot strip \(binary): \(status)") }
        try FileText.write(suppressions, to: folder + "/suppressions")
        return [
            try Command.program("valgrind"), "--leak-check=full", "--num-callers=60",
            "--suppressions=\(folder)/suppressions", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--error-exitcode=9", "--log-file=\(log)", stripped,
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

    /// The bytes of the suppressed globals: they must not grow with the work that was done.
    package var suppressedBytes: Int? { number(after: " suppressed: ") }

    private func number(after prefix: String) -> Int? {
        guard let place = text.ranges(of: prefix).last else { return nil }
        return Int(text[place.upperBound...].prefix { $0 != " " }.filter { $0 != "," })
    }
}
