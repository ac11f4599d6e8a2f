import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// What a person sees of a living tree with troubles, on a real terminal.
    ///
    /// The expected files in `Expected` are recorded with RECORD_EXPECTED=1; read the difference before committing.
    @Suite struct Terminals {
        /// What is done to the configuration before a verb is asked.
        private enum Change {
            case none
            /// One service gets another limit, one another program.
            case settings
            /// An address that somebody else holds.
            case taken
        }

        /// The lines of errors are printed as they are: whoever searches for one finds it.
        private static let unwrapped = "reload-rejected"

        private static let steps: [(name: String, change: Change, code: Int32)] = [
            ("status", .none, 0), ("connections", .none, 0), ("upstreams", .none, 0), ("reload-rejected", .taken, 69),
            ("plan", .settings, 0), ("reload-applied", .none, 0), ("reload-unchanged", .none, 0),
            ("status-after", .none, 0), ("events", .none, 0),
        ]

        @Test(arguments: [80, 40])
        func `every verb shows a tree with troubles as recorded, in colour, within the terminal`(columns: Int) throws {
            try Scenario.run { scenario in
                let tree = try TroubledTree(in: scenario)
                let taken = try Ports.reserve()
                let foreign = try ForeignListener(port: taken, folder: scenario.folder)
                scenario.atEnd { foreign.release() }
                for step in Self.steps {
                    switch step.change {
                    case .none: break
                    case .settings: try tree.configure(limit: 77, seconds: 1_001)
                    case .taken: try tree.configure(more: "  late: { type: echo, listen: \"127.0.0.1:\(taken)\" }")
                    }
                    let verb = String(step.name.prefix { $0 != "-" })
                    let answer = try TerminalProgram.run([verb], of: tree.daemon, columns: columns)
                    #expect(answer.code == step.code, "\(step.name): \(answer)")
                    #expect(answer.output.contains("\u{1b}["), "\(step.name) has no colour")
                    let text = LiveText(answer.output, ports: tree.ports + [taken])
                    try LiveText.expect(
                        verb == "events" ? text.stableEvents : text.stable,
                        in: "\(step.name).\(columns).txt"
                    )
                    guard step.name != Self.unwrapped else { continue }
                    for line in text.lines { #expect(line.count <= columns, "\(step.name): `\(line)` is too wide") }
                }
            }
        }

        @Test func `a watched status is drawn in place until Ctrl-C, which leaves the terminal as it was`() throws {
            try Scenario.run { scenario in
                let tree = try TroubledTree(in: scenario)
                let watch = try TerminalProgram(["status", "--watch"], of: tree.daemon, columns: 80, rows: 12)
                try Facts.wait(for: "the status is drawn three times") {
                    watch.text.split(separator: "\u{1b}[H").count > 3
                }
                try watch.press(3)
                #expect(try watch.awaitExit() == .exited(130))
                let text = watch.text
                #expect(text.hasPrefix("\u{1b}[2J\u{1b}[H"), "the first clears the screen")
                for frame in text.split(separator: "\u{1b}[H").dropFirst() {
                    #expect(frame.contains("supervisor"), "\(frame)")
                    #expect(frame.filter { $0 == "\r\n" }.count < 12, "it would scroll: \(frame)")
                    #expect(frame.contains("\u{1b}[J"), "nothing of the one before stays: \(frame)")
                }
                #expect(!text.contains("\u{1b}[?"), "nothing was hidden or switched")
            }
        }
    }
}
