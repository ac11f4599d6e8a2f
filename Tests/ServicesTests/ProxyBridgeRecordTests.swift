import Logging
import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

/// What one request leaves in the log.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeRecordTests {
    private func line(_ request: String, level: Logger.Level, _ change: (inout RequestRecord) -> Void = { _ in })
        throws -> String
    {
        var reader = RequestHeadReader()
        var buffer = ByteBuffer(string: request)
        let head = try #require(try reader.read(&buffer))
        let snapshot = RouteSnapshot(.through(1), generation: 7)
        var record = RequestRecord(connection: 3, request: head, snapshot: snapshot)
        change(&record)
        let log = RecordedLog()
        var logger = log.logger
        logger.logLevel = level
        record.log(to: logger, bridge: "bridge@1", cause: "complete")
        return try #require(log.lines.first)
    }

    private let request = "GET http://u:pw@a.test:81/a\u{e9}b?secret=1 HTTP/1.1\r\nHost: a.test\r\nCookie: c\r\n\r\n"

    @Test func `a record names the bridge, the connection, the request, the route and the end`() throws {
        let line = try line(request, level: .info) { record in
            record.status = 200
            record.up = 5
            record.down = 6
        }
        for part in [
            "bridge=bridge@1 ", "connection=3 ", "method=GET ", "target=a.test:81 ", "upstream=office ",
            "generation=7 ", "status=200 ", "up=5 ", "down=6 ", "cause=complete ", "total_ms=",
        ] {
            #expect((line + " ").contains(part), "\(part) is missing in \(line)")
        }
    }

    @Test func `the path is for debugging, the query, userinfo and fields are for nobody`() throws {
        let short = try line(request, level: .info)
        let long = try line(request, level: .debug)
        #expect(!short.contains("path=") && long.contains("path=/a\\xc3\\xa9b "))
        for text in [short, long] {
            #expect(!text.contains("secret") && !text.contains("pw") && !text.contains("Cookie"))
        }
    }

    @Test func `a tunnel's record has the times of its opening`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
        } _: { server in
            try await ProxyBridgeRig.run(.through(server.port)) { rig in
                _ = try await rig.exchange("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")
                await rig.log.wait(for: "cause=upstream_fin")
                let line = try #require(rig.log.lines.first { $0.contains("method=CONNECT") })
                for time in ["dial_ms=", "reply_ms=", "ttfb_ms=", "total_ms="] { #expect(line.contains(time)) }
            }
        }
    }
}
