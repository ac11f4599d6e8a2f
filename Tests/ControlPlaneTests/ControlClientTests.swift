import ControlPlane
import Glibc
import ScenarioSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlClientTests {
    private let folder: SocketFolder

    init() throws {
        folder = try SocketFolder()
    }

    private func client(_ path: String? = nil) throws -> ControlClient {
        try ControlClient(ControlSocketCandidates(option: path ?? folder.socket, variable: { _ in nil }, user: 1))
    }

    /// The failure of a request for the status.
    private func failure(
        _ reply: ScriptedServer.Reply,
        silence: Duration = .seconds(20)
    ) throws -> ControlFailure? {
        let server = try ScriptedServer(at: folder.socket) { _ in reply }
        defer { server.stop() }
        return failure { _ = try client().answer(Snapshot.self, to: .status(silence: silence)) }
    }

    private func failure(_ body: () throws -> Void) -> ControlFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? ControlFailure
        }
    }

    @Test func `an answer is its value and its text`() throws {
        let text = try JSONFormat.line(Sample.snapshot)
        let server = try ScriptedServer(at: folder.socket) { _ in .json(text) }
        defer { server.stop() }
        let answer = try client().answer(Snapshot.self, to: .status)
        #expect(answer.value == Sample.snapshot)
        #expect(answer.text == text)
    }

    @Test(arguments: [409, 422, 503])
    func `a verdict that is no success is an answer`(status: Int) throws {
        let text = try JSONFormat.line(Sample.rejected)
        let server = try ScriptedServer(at: folder.socket) { _ in .json(text, status: status) }
        defer { server.stop() }
        let answer = try client().answer(VerdictDocument.self, to: .reload(confirmSeconds: nil))
        #expect(answer.value == Sample.rejected)
    }

    @Test(arguments: [403, 404, 409, 503])
    func `a refusal says what the daemon says`(status: Int) throws {
        let refusal = Refusal(.nothingToConfirm, "cannot confirm: nothing is on trial; reload with --confirm")
        let text = try JSONFormat.line(refusal)
        #expect(try failure(.json(text, status: status)) == .refused(refusal))
    }

    @Test func `a daemon that ends while it is asked is no daemon`() {
        #expect(ControlFailure.refused(Refusal(.ending, "cannot wait")).exitCode == 76)
        #expect(ControlFailure.refused(Refusal(.unknownName, "cannot find it")).exitCode == 69)
    }

    @Test(arguments: [
        ScriptedServer.Reply(["SSH-2.0-OpenSSH_9.2p1\r\n"], holds: true), .json("{}"), .json("[1]"),
        .json("", status: 404),
        .json("<html>Not Found</html>", status: 404), .json("{\"version\":1}"),
        ScriptedServer.Reply(["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], holds: true),
    ])
    func `an answer that is no supervisor's is told apart`(reply: ScriptedServer.Reply) throws {
        #expect(try failure(reply) == .notOurs(folder.socket))
    }

    @Test(arguments: [
        ScriptedServer.Reply.hangUp, ScriptedServer.Reply(["HTTP/1.1 200 OK\r\nContent-Le"]),
        ScriptedServer.Reply(["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"daemon\":"]),
        .lines(["{}"], ends: false),
    ])
    func `a daemon that goes away in the middle is told`(reply: ScriptedServer.Reply) throws {
        #expect(try failure(reply) == .wentAway(folder.socket))
    }

    @Test func `a silent daemon is given up after the limit`() throws {
        #expect(try failure(.silence, silence: .milliseconds(50)) == .silent(folder.socket, .milliseconds(50)))
    }

    @Test func `an answer without end is given up`() throws {
        let piece = String(repeating: " ", count: 1_000)
        let reply = ScriptedServer.Reply(["HTTP/1.1 200 OK\r\n\r\n"] + Array(repeating: piece, count: 11), holds: true)
        let server = try ScriptedServer(at: folder.socket) { _ in reply }
        defer { server.stop() }
        let candidates = ControlSocketCandidates(option: folder.socket, variable: { _ in nil }, user: 1)
        let client = try ControlClient(candidates, bodyLimit: 10_000)
        #expect(failure { _ = try client.answer(Snapshot.self, to: .status) } == .tooLong(folder.socket, 10_000))
    }

    @Test func `where no daemon is, the reason is told`() throws {
        #expect(failure { _ = try client() } == .noDaemon([folder.socket]))
        #expect(failure { _ = try client(folder.path + "/nothing/control.sock") }?.exitCode == 76)
        let server = try ScriptedServer(at: folder.socket) { _ in .silence }
        server.stop()
        let status = ControlRequest.status
        #expect(failure { _ = try client().answer(Snapshot.self, to: status) } == .stale(folder.socket))
        let file = folder.path + "/file"
        try FileText.write("", to: file)
        #expect(failure { _ = try client(file).answer(Snapshot.self, to: status) } == .notASocket(file))
        #expect(failure { _ = try client(folder.path).answer(Snapshot.self, to: status) } == .notASocket(folder.path))
        let below = file + "/control.sock"
        #expect(failure { _ = try client(below).answer(Snapshot.self, to: status) }?.exitCode == 76)
        #expect(failure { _ = try client("/").answer(Snapshot.self, to: status) } == .notASocket("/"))
    }

    @Test func `events are taken line by line, whatever the chunks`() throws {
        let lines = try Sample.events.map { try JSONFormat.line($0) }
        let text = lines.joined(separator: "\n") + "\n"
        let half = text.utf8.count / 2
        let pieces = [
            String(decoding: text.utf8.prefix(half), as: UTF8.self),
            String(decoding: text.utf8.dropFirst(half), as: UTF8.self),
        ]
        for reply in [ScriptedServer.Reply.lines(lines), .init(["HTTP/1.1 200 OK\r\n\r\n"] + pieces)] {
            let folder = try SocketFolder()
            let server = try ScriptedServer(at: folder.socket) { _ in reply }
            defer { server.stop() }
            var taken: [EventRecord] = []
            try client(folder.socket).lines(EventRecord.self, of: .events(follow: true, after: 7)) { taken.append($1) }
            #expect(taken == Sample.events)
            #expect(server.requests == ["GET /v1/events?follow=1&after=7"])
        }
    }

    @Test func `events that break off, or are none, are told`() throws {
        for (reply, expected) in [
            (ScriptedServer.Reply.lines([], ends: false), "went away"), (.lines(["{}"]), "no supervisor's"),
            (.lines([String(repeating: "x", count: 1_100_000)]), "longer than"),
            (.json(try JSONFormat.line(Refusal(.tooMuch, "cannot follow: too many do")), status: 503), "too many do"),
        ] {
            let folder = try SocketFolder()
            let server = try ScriptedServer(at: folder.socket) { _ in reply }
            defer { server.stop() }
            let failure = failure {
                try client(folder.socket).lines(EventRecord.self, of: .events(follow: true)) { _, _ in }
            }
            #expect("\(failure.map { "\($0)" } ?? "none")".contains(expected))
        }
    }

    @Test func `a wait is told of while it lasts`() throws {
        let gate = Gate()
        let text = try JSONFormat.line(Sample.applied)
        let server = try ScriptedServer(at: folder.socket) { _ in
            gate.wait()
            return .json(text)
        }
        defer { server.stop() }
        var told: [Duration] = []
        let watch = ControlClient.Watch(every: .milliseconds(5)) {
            told.append($0)
            if told.count == 3 { gate.open() }
        }
        let answer = try client().answer(VerdictDocument.self, to: .reload(confirmSeconds: 60), watch: watch)
        #expect(answer.value == Sample.applied)
        #expect(told.count >= 3 && told == told.sorted())
        #expect(server.requests == ["POST /v1/reload?confirm=60"])
    }
}
