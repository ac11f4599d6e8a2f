import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ClientAuthenticationTests {
    private let authentication = ClientAuthentication(
        Credential(username: Secret("alice"), password: Secret("s3cret:"))
    )

    private func fields(_ values: String...) throws -> [HeadField] {
        try values.map { try #require(HeadField(line: Array("Proxy-Authorization: \($0)".utf8))) }
    }

    @Test(arguments: [
        ("Basic YWxpY2U6czNjcmV0Og==", true), ("basic   YWxpY2U6czNjcmV0Og==", true),
        ("BASIC YWxpY2U6czNjcmV0Og", true),
        ("Basic YWxpY2U6czNjcmV0Og==x", false), ("Basic YWxpY2U6czNjcmV0O", false), ("Basic ", false), ("", false),
        ("Basic", false), ("Basic YWxpY2U6czNjcmV0OgYWxpY2U6czNjcmV0Og==", false), ("Basic =", false),
        ("Bearer YWxpY2U6czNjcmV0Og==", false), ("Basic YWxpY2U6czNjcmV0Og== x", false),
        ("YWxpY2U6czNjcmV0Og==", false),
        ("Digest username=alice", false), ("Basic ywxpy2u6cznjcmv0og==", false),
    ])
    func `only the whole credential by the scheme Basic will do`(_ value: String, _ admits: Bool) throws {
        #expect(authentication.admits(try fields(value)) == admits)
    }

    @Test func `no field and two fields will not do`() throws {
        #expect(!authentication.admits([]))
        let right = "Basic YWxpY2U6czNjcmV0Og=="
        #expect(!authentication.admits(try fields(right, right)))
    }

    @Test(arguments: [
        ("alice", "s3cret:", true), ("alice", "s3cret", false), ("alice:s3cret", "", false), ("", "", false),
        ("alicealice", "s3cret:", false), ("alice", "s3cret:s3cret:", false),
    ])
    func `a SOCKS client shows both parts`(_ name: String, _ word: String, _ admits: Bool) {
        #expect(authentication.admits(username: Array(name.utf8), password: Array(word.utf8)) == admits)
    }

    @Test func `an empty password is one`() {
        let empty = ClientAuthentication(Credential(username: Secret("a"), password: Secret("")))
        #expect(empty.admits(username: [0x61], password: []))
        #expect(!empty.admits(username: [0x61], password: [0]))
    }

    @Test func `nothing of it is printed`() {
        var text = "\(authentication)"
        dump(authentication, to: &text)
        #expect(!text.contains("alice") && !text.contains("s3cret") && !text.contains("YWxp"))
    }
}
