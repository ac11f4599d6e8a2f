import Addresses
import HTTPTypes
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(1)))
struct RequestTextTests {
    @Test(arguments: [
        ("a@1", "a@1"), ("a%401", "a@1"), ("%C3%A4", "\u{e4}"), ("a+b", "a+b"), ("", ""), ("%", nil), ("%4", nil),
        ("%zz", nil), ("%00", nil), ("%ff", nil),
    ])
    func `percent-encoded text is decoded strictly`(text: String, decoded: String?) {
        #expect(PercentText.value(text) == decoded)
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:9901", true), ("127.0.0.1", true), ("192.0.2.7:80", true), ("[::1]", true),
        ("[fe80::1]:9901", true), ("example.org", false), ("localhost.example.org", false), ("127.0.0.1:x", false),
        ("127.1", false), ("2130706433", false), ("[::1", false), ("[localhost]", false), ("::1", false), ("", false),
        ("localhost:", false), ("[127.0.0.1]", false),
    ])
    func `a host is allowed when nobody else can make it mean this machine`(host: String, isAllowed: Bool) {
        #expect(HostAdmission.isAllowed(host) == isAllowed)
    }
}
