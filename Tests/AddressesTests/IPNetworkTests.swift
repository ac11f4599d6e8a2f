import Addresses
import Testing

@Suite(.timeLimit(.minutes(1)))
struct IPNetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "255.255.255.255", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.128/25", "192.0.2.127", false),
        ("fc00::/7", "fdff::1", true), ("fc00::/7", "fe00::", false), ("fe80::/10", "febf::1", true),
        ("::1/128", "::1", true), ("::/127", "::2", false), ("::/0", "1.2.3.4", false), ("0.0.0.0/0", "::", false),
    ])
    func `a block holds the addresses that begin like it`(_ block: String, _ address: String, _ isIn: Bool) throws {
        #expect(try #require(IPNetwork(block)).contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/-1", "::/129", "10/8", "a/8",
        "10.0.0.0/8/8",
    ])
    func `a text that is no block is refused`(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [("10.1.2.3/8", "10.0.0.0/8"), ("::1/128", "::1"), ("fd00::/8", "fd00::/8")])
    func `a block is printed by its first address`(_ text: String, _ printed: String) throws {
        #expect(try #require(IPNetwork(text)).description == printed)
    }
}
