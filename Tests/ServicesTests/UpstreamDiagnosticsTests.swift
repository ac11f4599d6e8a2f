import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct UpstreamDiagnosticsTests {
    private static let credential = Credential(username: Secret("alice-session-1"), password: Secret("s3:cret/+"))

    private static func head(_ fields: [String]) throws -> ResponseHead {
        let fields = try fields.map { try #require(HeadField(line: Array($0.utf8))) }
        return try ResponseHead(line: Array("HTTP/1.1 407 No".utf8), fields: fields)
    }

    @Test func `what an upstream says about its refusal is kept, but no realm`() throws {
        let head = try Self.head([
            "X-Brd-Err-Msg: no zone", "X-Squid-Error: ERR 0", "Proxy-Authenticate: Basic realm=x",
        ])
        let kept = UpstreamDiagnostics(head, hiding: Self.credential).fields
        #expect(kept == ["x-brd-err-msg": "no zone", "x-squid-error": "ERR 0"])
    }

    @Test(arguments: [
        "wrong password s3:cret/+ for you", "user Alice-Session-1 is unknown", "s3%3Acret%2F%2b",
        "YWxpY2Utc2Vzc2lvbi0xOnMzOmNyZXQvKw==", "Basic YWxpY2Utc2Vzc2lvbi0xOnMzOmNyZXQvKw", "czM6Y3JldC8r",
    ])
    func `a value that repeats the credential is not kept`(_ value: String) throws {
        for name in ["Proxy-Status", "X-Brd-Err-Code", "Retry-After"] {
            let diagnostics = try UpstreamDiagnostics(Self.head(["\(name): \(value)"]), hiding: Self.credential)
            #expect(diagnostics.fields == [name.lowercased(): "***"])
            let other = try UpstreamDiagnostics(Self.head(["\(name): \(value)"]), hiding: nil)
            #expect(other.fields == [name.lowercased(): value])
        }
    }
}
