import ControlPlane
import Glibc
import ScenarioSupport
import Testing

/// The built command against a scripted daemon; one at a time, as each run blocks a thread of the tests.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct CommandTests {
    private let folder: SocketFolder

    init() throws {
        folder = try SocketFolder()
    }

    /// What a daemon with the sample's troubles answers.
    @Sendable
    private static func daemon(_ request: String) -> ScriptedServer.Reply {
        do {
            switch request {
            case "GET /v1/status": return .json(try JSONFormat.line(Sample.snapshot))
            case "GET /v1/connections?service=bridge%400": return .json(try JSONFormat.line(Sample.connections))
            case "GET /v1/events", "GET /v1/events?follow=1":
                return .lines(try Sample.events.map { try JSONFormat.line($0) })
            case "GET /v1/upstreams": return .json(try JSONFormat.line(UpstreamList(of: Sample.snapshot)))
            case "POST /v1/reload": return .json(try JSONFormat.line(Sample.rejected), status: 422)
            case "POST /v1/reload?confirm=60": return .json(try JSONFormat.line(Sample.applied))
            case "POST /v1/confirm": return .json(try JSONFormat.line(Sample.unchanged))
            case "POST /v1/services/bridge%400/start": return .json(try JSONFormat.line(Sample.busy), status: 409)
            case "POST /v1/services/bridge%400/stop": return .json(try JSONFormat.line(Sample.calledOff), status: 503)
            case "POST /v1/services/bridge%400/restart": return .json(try JSONFormat.line(Sample.reverted), status: 409)
            case "POST /v1/services/bridge%400/rotate": return .json(try JSONFormat.line(Sample.rotations))
            case _ where request.hasPrefix("POST /v1/plan"): return .json(try JSONFormat.line(Sample.planned))
            case _: return .json(try JSONFormat.line(Refusal(.unknownName, "cannot find it")), status: 404)
            }
        } catch {
            return .hangUp
        }
    }

    static let verbs: [(arguments: [String], golden: String, code: Int32)] = [
        (["status"], "status", 0),
        (["status", "browser"], "status-group", 0),
        (["plan"], "plan", 0),
        (["plan", "--all"], "plan-all", 0),
        (["reload"], "rejected", 69),
        (["reload", "--confirm", "60s"], "applied", 0),
        (["reload", "--confirm=1m"], "applied", 0),
        (["confirm"], "unchanged", 0),
        (["start", "bridge@0"], "busy", 75),
        (["stop", "bridge@0"], "called-off", 75),
        (["restart", "bridge@0"], "reverted", 70),
        (["connections", "bridge@0"], "connections", 0),
        (["upstreams"], "upstreams", 0),
        (["rotate", "bridge@0"], "rotate", 0),
    ]

    @Test(arguments: verbs)
    func `a verb prints its answer and ends with its code`(
        arguments: [String],
        golden: String,
        code: Int32
    ) throws {
        let server = try ScriptedServer(at: folder.socket, Self.daemon)
        defer { server.stop() }
        let socket = ["--socket", folder.socket]
        for width in [80, 40] {
            let run = try CommandRun(arguments + socket, environment: ["COLUMNS": "\(width)"], in: folder)
            try Golden.expect(run.output, in: "\(golden).\(width).txt")
            #expect(run.error.isEmpty)
            #expect(run.status == .exited(code))
        }
        let run = try CommandRun(arguments + socket + ["--json"], in: folder)
        #expect(run.output.hasPrefix("{") && run.output.hasSuffix("}\n"), "one line: \(run.output)")
        #expect(run.status == .exited(code))
    }

    @Test func `events are one line each where no terminal is, and end with the daemon`() throws {
        let server = try ScriptedServer(at: folder.socket, Self.daemon)
        defer { server.stop() }
        let run = try CommandRun(["events", "--socket", folder.socket], in: folder)
        try Golden.expect(run.output, in: "events.txt")
        #expect(run.status == .exited(0))
        let json = try CommandRun(["events", "--follow", "--json", "--socket", folder.socket], in: folder)
        try Golden.expect(json.output, in: "events.json")
        #expect(json.error == "the daemon has ended\n")
        #expect(json.status == .exited(0))
    }

    @Test(arguments: [
        ["status", "bridg"], ["start", "bridg"], ["stop", "bridg"], ["restart", "bridg"], ["rotate", "bridg"],
        ["connections", "bridg"],
    ])
    func `a name that nobody has is answered by the nearest`(arguments: [String]) throws {
        let server = try ScriptedServer(at: folder.socket, Self.daemon)
        defer { server.stop() }
        let run = try CommandRun(arguments + ["--socket", folder.socket], in: folder)
        #expect(run.error == "cannot find a service or group `bridg`: did you mean `bridge`?\n")
        #expect(run.output.isEmpty)
        #expect(run.status == .exited(69))
        let json = try CommandRun(arguments + ["--json", "--socket", folder.socket], in: folder)
        #expect(json.output.contains(#""kind":"unknown-name""#) && json.error.isEmpty, "\(json)")
        #expect(json.status == .exited(69))
    }

    @Test func `without a daemon the places are named, in one line`() throws {
        let run = try CommandRun(["status"], environment: ["XDG_RUNTIME_DIR": folder.path], in: folder)
        #expect(
            run.error.hasPrefix("cannot find a running daemon: there is no socket at \(folder.path)/supervisor/control")
        )
        #expect(run.error.contains("/run/swift-supervisor/control.sock;"))
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(run.status == .exited(76))
    }

    @Test(arguments: [
        ["reload", "--confirm", "60"], ["reload", "--confirm", "0s"], ["reload", "--confirm", "25h"],
        ["reload", "--confirm", "500ms"], ["start"], ["status", "a", "b"], ["rotate"], ["status", "--color", "pink"],
    ])
    func `a wrong command line is told before anything is asked`(arguments: [String]) throws {
        let server = try ScriptedServer(at: folder.socket, Self.daemon)
        defer { server.stop() }
        let run = try CommandRun(arguments + ["--socket", folder.socket], in: folder)
        #expect(run.status == .exited(64))
        #expect(server.requests.isEmpty)
    }

    @Test func `a long reload tells its progress, and its verdict when it comes`() throws {
        let server = try ScriptedServer(at: folder.socket) { [folder = folder.path] request in
            guard request == "POST /v1/reload" else { return Self.daemon(request) }
            // The progress has been written: that is what the answer waits for here.
            let isTold = try? Facts.comes { FileText.readIfPresent(folder + "/error")?.hasSuffix("\n") ?? false }
            return isTold == true ? Self.daemon("POST /v1/reload?confirm=60") : .hangUp
        }
        defer { server.stop() }
        let run = try CommandRun(["reload", "--socket", folder.socket], in: folder)
        let expected = ProgressText.line(Sample.snapshot, after: 1, style: TextStyle(width: 80))
        #expect(run.error == expected + "\n")
        try Golden.expect(run.output, in: "applied.80.txt")
        #expect(run.status == .exited(0))
    }

    @Test func `a plan with another file names it by its absolute path`() throws {
        let server = try ScriptedServer(at: folder.socket, Self.daemon)
        defer { server.stop() }
        _ = try CommandRun(["plan", "-c", "a b.yaml", "--socket", folder.socket], in: folder)
        let path = folder.path.replacing("/", with: "%2F") + "%2Fa%20b.yaml"
        #expect(server.requests == ["POST /v1/plan?file=\(path)"])
    }

    @Test func `a watch survives the daemon, and says that it was started again`() throws {
        let first = try ScriptedServer(at: folder.socket, Self.daemon)
        let process = try CommandRun.start(["status", "-w", "echo", "--socket", folder.socket], in: folder)
        try Facts.wait(for: "a status") { CommandRun.output(in: folder).contains("echo") }
        first.stop()
        func error() -> String { FileText.readIfPresent(folder.path + "/error") ?? "" }
        try Facts.wait(for: "the daemon is missed") { error().contains("cannot reach a daemon") }
        unlink(folder.socket)
        try Facts.wait(for: "its socket is missed") { error().contains("cannot find a running daemon") }
        var next = Sample.snapshot
        next.daemon.pid = 4_711
        let text = try JSONFormat.line(next)
        let second = try ScriptedServer(at: folder.socket) { _ in .json(text) }
        defer { second.stop() }
        try Facts.wait(for: "the new daemon") { CommandRun.output(in: folder).contains("pid 4711") }
        #expect(error().contains("the daemon was started again; its process was 812 before\n"))
        #expect(process.statusIfEnded() == nil)
        process.send(SIGINT)
        #expect(try process.waitForExit(within: .seconds(5)) == .killed(signal: SIGINT))
    }
}
