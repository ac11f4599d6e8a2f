import ControlPlane
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TextStyleTests {
    private static func style(
        _ columns: Int?,
        _ colour: TextStyle.ColourChoice = .auto,
        _ environment: [String: String] = [:]
    ) -> TextStyle {
        TextStyle(columns: columns, colour: colour, variable: { environment[$0] })
    }

    @Test(
        arguments: [
            (100, .auto, [:], true), (nil, .auto, [:], false), (nil, .always, [:], true), (100, .never, [:], false),
            (100, .auto, ["NO_COLOR": "1"], false), (100, .auto, ["NO_COLOR": ""], true),
            (100, .auto, ["TERM": "dumb"], false),
            (100, .always, ["NO_COLOR": "1"], true),
        ] as [(Int?, TextStyle.ColourChoice, [String: String], Bool)]
    )
    func `colours are for terminals, unless somebody says otherwise`(
        columns: Int?,
        choice: TextStyle.ColourChoice,
        environment: [String: String],
        hasColour: Bool
    ) {
        #expect(Self.style(columns, choice, environment).hasColour == hasColour)
    }

    @Test(
        arguments: [
            (100, [:], 100), (nil, [:], 80), (nil, ["COLUMNS": "40"], 40), (0, ["COLUMNS": "40"], 40), (0, [:], 80),
            (100, ["COLUMNS": "40"], 100), (nil, ["COLUMNS": "wide"], 80), (nil, ["COLUMNS": "-3"], 20),
            (nil, ["COLUMNS": "99999999"], 400), (3, [:], 20),
        ] as [(Int?, [String: String], Int)]
    )
    func `the width is that of the terminal, then of COLUMNS, then 80`(
        columns: Int?,
        environment: [String: String],
        width: Int
    ) {
        #expect(Self.style(columns, .auto, environment).width == width)
    }

    @Test(arguments: [
        (["LANG": "C.UTF-8"], true), (["LANG": "de_DE.utf8"], true), (["LANG": "C"], false), ([:], false),
        (["LANG": "C.UTF-8", "LC_ALL": "C"], false), (["LANG": "C", "LC_CTYPE": "C.UTF-8"], true),
    ])
    func `lines are drawn as the locale allows`(environment: [String: String], isUnicode: Bool) {
        #expect(Self.style(80, .auto, environment).isUnicode == isUnicode)
    }

    @Test func `a frame stays on its screen and clears what was there`() {
        let lines = (1...30).map { "line \($0)" }
        let frame = ScreenText.frame(lines, notice: "gone", rows: 10, isFirst: false, style: TextStyle(width: 40))
        #expect(frame.hasPrefix("\u{1b}[Hgone\u{1b}[K\nline 1\u{1b}[K\n"))
        #expect(frame.hasSuffix("line 7\u{1b}[K\n… 23 lines more\u{1b}[K\n\u{1b}[J"))
        #expect(frame.filter { $0 == "\n" }.count == 9)
        let first = ScreenText.frame([], notice: nil, rows: 0, isFirst: true, style: TextStyle(width: 40))
        #expect(first == "\u{1b}[2J\u{1b}[H\u{1b}[J")
    }

    @Test func `groups that are deeper than the terminal is wide leave room for their services`() {
        var snapshot = Sample.snapshot
        snapshot.groups = (0..<40).map {
            let around = $0 == 0 ? nil : "g\($0 - 1)"
            return GroupStatus(name: "g\($0)", strategy: "one-for-one", group: around, children: [])
        }
        for index in snapshot.services.indices { snapshot.services[index].group = "g39" }
        let lines = StatusText(snapshot, style: TextStyle(width: 60)).lines
        #expect(lines.allSatisfy { Golden.width(of: $0) <= 60 })
        #expect(lines.contains { $0.contains("chrome@0 ") })
    }

    @Test func `groups in a circle hide no service`() {
        var snapshot = Sample.snapshot
        snapshot.groups = [
            GroupStatus(name: "edge", strategy: "one-for-one", group: "inner", children: []),
            GroupStatus(name: "inner", strategy: "one-for-one", group: "edge", children: []),
        ]
        let lines = StatusText(snapshot, style: TextStyle(width: 80)).lines
        for service in ["hostile", "web", "chrome@1"] {
            #expect(lines.count { $0.contains("─ \(service) ") } == 1, "\(service)")
        }
    }
}
