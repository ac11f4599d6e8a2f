import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Makes the answers that both endpoints give.
enum Reply {
    private static let json = "application/json"

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        bytes(try JSONFormat.bytes(value) + [UInt8(ascii: "\n")], json, status)
    }

    static func verdict(_ verdict: VerdictDocument) throws -> Response {
        try json(verdict, status: status(of: verdict.outcome))
    }

    static func text(
        _ text: String,
        type: String = "text/plain; charset=utf-8",
        status: HTTPResponse.Status = .ok
    ) -> Response {
        bytes(Array(text.utf8), type, status)
    }

    static func refusal(_ refused: RefusedRequest) throws -> Response {
        var response = try json(refused.refusal, status: refused.status)
        if let allow = refused.allow { response.headers[.allow] = allow }
        return response
    }

    /// A body without an end of its own.
    static func stream(
        _ type: String,
        _ write: @escaping @Sendable @concurrent (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        Response(status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], body: ResponseBody(write))
    }

    /// The daemon is alive whenever it answers.
    static var alive: Response { text("ok\n") }

    static func readiness(_ daemon: DaemonStatus) -> Response {
        if daemon.ready { return text("ready\n") }
        return text("not ready: \(daemon.unreadyReason ?? "it is starting")\n", status: .serviceUnavailable)
    }

    static func metrics(_ snapshot: Snapshot) -> Response {
        text(MetricsText(of: snapshot).text, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private static func bytes(_ bytes: [UInt8], _ type: String, _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    private static func status(of outcome: String) -> HTTPResponse.Status {
        switch outcome {
        case "rejected", "reverted": .unprocessableContent
        case "busy": .conflict
        case "called-off": .serviceUnavailable
        case _: .ok
        }
    }
}
