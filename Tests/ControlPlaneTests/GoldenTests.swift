import ControlPlane
import ScenarioSupport
import Testing

/// What every verb prints is in `Golden`, for terminals of 80 and 40 columns and as JSON.
///
/// With RECORD_EXPECTED=1 in the environment the test writes the files instead; read the difference before committing.
@Suite(.timeLimit(.minutes(1)))
struct GoldenTests {
    /// The lines of errors are printed as they are: whoever searches for one finds it.
    private static let unwrapped = ["rejected", "reverted", "plan-rejected"]

    private static func lines(_ name: String, _ style: TextStyle) -> [String]? {
        switch name {
        case "status": StatusText(Sample.snapshot, style: style).lines
        case "status-calm": StatusText(Sample.calm, style: style).lines
        case "status-group": Sample.snapshot.selecting("browser").map { StatusText($0, style: style).lines }
        case "plan": PlanText(Sample.planned, showsAll: false, style: style).lines
        case "plan-all": PlanText(Sample.planned, showsAll: true, style: style).lines
        case "plan-rejected": PlanText(Sample.rejected, showsAll: false, style: style).lines
        case "plan-nothing": PlanText(Sample.unchanged, showsAll: false, style: style).lines
        case "applied": VerdictText(Sample.applied, style: style).lines
        case "rejected": VerdictText(Sample.rejected, style: style).lines
        case "reverted": VerdictText(Sample.reverted, style: style).lines
        case "busy": VerdictText(Sample.busy, style: style).lines
        case "called-off": VerdictText(Sample.calledOff, style: style).lines
        case "unchanged": VerdictText(Sample.unchanged, style: style).lines
        case "connections": ConnectionsText.lines(Sample.connections, style: style)
        case "events": Sample.events.flatMap { EventText.lines($0, wraps: true, style: style) }
        case "upstreams": UpstreamsText.lines(UpstreamList(of: Sample.snapshot), style: style)
        case "rotate": RotationText.lines(Sample.rotations, style: style)
        case "progress": [ProgressText.line(Sample.snapshot, after: 2, style: style)]
        case _: nil
        }
    }

    static let names = [
        "status", "status-calm", "status-group", "plan", "plan-all", "plan-rejected", "plan-nothing", "applied",
        "rejected", "reverted", "busy", "called-off", "unchanged", "connections", "events", "upstreams", "rotate",
        "progress",
    ]

    @Test(arguments: names, [80, 40])
    func `what a verb prints fits the terminal and harms it not`(name: String, width: Int) throws {
        let lines = try #require(Self.lines(name, TextStyle(width: width)))
        try Golden.expect(lines.map { $0 + "\n" }.joined(), in: "\(name).\(width).txt")
        for line in lines {
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0 != "\u{202e}" })
            #expect(!line.hasSuffix(" "), "`\(line)` ends with a blank")
            if !Self.unwrapped.contains(name) {
                #expect(Golden.width(of: line) <= width, "`\(line)` is too wide")
            }
        }
    }

    @Test(arguments: names, [20, 23, 31, 57, 133, 400])
    func `no width breaks a line, loses a name or repeats one`(name: String, width: Int) throws {
        let lines = try #require(Self.lines(name, TextStyle(width: width)))
        if !Self.unwrapped.contains(name) {
            for line in lines { #expect(Golden.width(of: line) <= width, "`\(line)` is too wide") }
        }
        if name == "status" {
            let text = lines.joined(separator: "\n")
            for service in ["echo", "bridge@0", "chrome@1", "gone"] { #expect(text.contains(service)) }
        }
    }

    @Test(arguments: names)
    func `colours change nothing but the colour`(name: String) throws {
        let plain = try #require(Self.lines(name, TextStyle(width: 80)))
        let coloured = try #require(Self.lines(name, TextStyle(width: 80, hasColour: true)))
        #expect(coloured.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") } == plain)
        if name == "status" { try Golden.expect(coloured.map { $0 + "\n" }.joined(), in: "status.colour.txt") }
    }

    @Test func `a terminal without UTF-8 gets ASCII`() throws {
        let lines = StatusText(Sample.calm, style: TextStyle(width: 80, isUnicode: false)).lines
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
        #expect(lines.contains { $0.hasPrefix("`- echo") })
    }

    private static func json(_ name: String) throws -> String? {
        switch name {
        case "status": try JSONFormat.line(Sample.snapshot)
        case "status-group": try JSONFormat.line(Sample.snapshot.selecting("browser"))
        case "plan": try JSONFormat.line(Sample.planned)
        case "applied": try JSONFormat.line(Sample.applied)
        case "rejected": try JSONFormat.line(Sample.rejected)
        case "reverted": try JSONFormat.line(Sample.reverted)
        case "busy": try JSONFormat.line(Sample.busy)
        case "connections": try JSONFormat.line(Sample.connections)
        case "events": try Sample.events.map { try JSONFormat.line($0) }.joined(separator: "\n")
        case "upstreams": try JSONFormat.line(UpstreamList(of: Sample.snapshot))
        case "rotate": try JSONFormat.line(Sample.rotations)
        case _: nil
        }
    }

    @Test(arguments: [
        "status", "status-group", "plan", "applied", "rejected", "reverted", "busy", "connections", "events",
        "upstreams", "rotate",
    ])
    func `the JSON of a verb is stable, and one line for each value`(name: String) throws {
        let json = try #require(try Self.json(name))
        try Golden.expect(json + "\n", in: "\(name).json")
        #expect(json.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    }
}
