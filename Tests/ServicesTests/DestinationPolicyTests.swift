import Addresses
import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct DestinationPolicyTests {
    private static func policy(_ change: (inout PolicySettings) -> Void = { _ in }) -> DestinationPolicy {
        var settings = PolicySettings()
        change(&settings)
        return DestinationPolicy(settings)
    }

    private static func block(_ text: String, port: UInt16? = nil) throws -> DestinationRule {
        DestinationRule(.network(try #require(IPNetwork(text))), port: port)
    }

    private func target(_ host: String, _ port: UInt16 = 443) -> Authority { Authority(host: host, port: port) }

    // MARK: - What the program denies by itself

    /// Every way to write an address that no client has business with.
    static let special = [
        "127.0.0.1", "127.255.255.254", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "2130706433",
        "017700000001", "0177.0.0.1", "0177.1", "127.0.0.1.", "0", "0.0.0.0", "0.1.2.3", "00", "169.254.169.254",
        "0xa9fea9fe", "2852039166", "169.254.43518", "100.100.100.200", "224.0.0.1", "239.255.255.255",
        "255.255.255.255", "4294967295", "::", "::1", "0:0:0:0:0:0:0:1", "fe80::1", "febf::1", "ff02::1",
        "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0:127.0.0.1", "::127.0.0.1", "::ffff:169.254.1.1",
        "2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::127.0.0.1", "64:ff9b:1::7f00:1", "64:ff9b::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:7f00:1::", "fe80::5efe:127.0.0.1",
        "2001:db8::5efe:127.0.0.1", "2001:db8::200:5efe:127.0.0.1", "localhost", "LocalHost", "localhost.",
        "a.localhost", "a.b.LOCALHOST.", "metadata.google.internal", "Metadata.Google.Internal.",
        "168.63.129.16", "192.0.0.192", "::ffff:168.63.129.16", "64:ff9b::192.0.0.192", "metadata", "metadata.goog",
        "Metadata.Goog.", "instance-data",
    ]

    @Test(arguments: special)
    func `what is of this host, its link, a group or a cloud is denied for every upstream`(_ host: String) {
        for reach in [DestinationPolicy.Reach.here, .proxy] {
            for asTunnel in [true, false] {
                let denial = Self.policy().denial(of: target(host), asTunnel: asTunnel, from: reach)
                #expect(denial == .specialAddress)
            }
        }
        #expect(Self.policy { $0.allowPrivate = true }.denial(of: target(host), asTunnel: true, from: .here) != nil)
    }

    @Test(arguments: [
        "10.0.0.1", "10.1", "0xa000001", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.168.257", "100.64.0.1",
        "100.127.255.255", "fc00::1", "fd12:3456::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:c0a8:101::",
    ])
    func `a private address is denied where it is one of ours`(_ host: String) {
        #expect(Self.policy().denial(of: target(host), asTunnel: true, from: .here) == .privateAddress)
        #expect(Self.policy().denial(of: target(host), asTunnel: true, from: .proxy) == nil)
        #expect(Self.policy { $0.allowPrivate = true }.denial(of: target(host), asTunnel: true, from: .here) == nil)
    }

    @Test(arguments: [
        "example.org", "1.1.1.1", "168.63.129.17", "192.0.0.193", "metadata.test", "172.32.0.1", "100.128.0.1",
        "2606:4700::1111", "2002:101:101::", "64:ff9b::101:101",
        "localhost.example.org", "notlocalhost", "internal", "0x", "256.256.256.256", "1.2.3.4.5", "0x7f.example",
        "127.0.0.1.example.org", "1..2", "08", "0xg", "4294967296", "127.16777216",
    ])
    func `what is none of these is allowed`(_ host: String) {
        #expect(Self.policy().denial(of: target(host), asTunnel: true, from: .here) == nil)
        #expect(Self.policy().denial(of: target(host), asTunnel: false, from: .proxy) == nil)
    }

    @Test func `a tunnel may lead to any port but that of mail`() {
        #expect(Self.policy().denial(of: target("a.test", 25), asTunnel: true, from: .here) == .port)
        #expect(Self.policy().denial(of: target("a.test", 25), asTunnel: false, from: .here) == nil)
        #expect(Self.policy().denial(of: target("a.test", 26), asTunnel: true, from: .here) == nil)
        let only = Self.policy { $0.ports = [443, 25] }
        #expect(only.denial(of: target("a.test", 25), asTunnel: true, from: .here) == nil)
        #expect(only.denial(of: target("a.test", 80), asTunnel: true, from: .here) == .port)
        #expect(only.denial(of: target("a.test", 80), asTunnel: false, from: .here) == nil)
        let mail = Self.policy { $0.allow = [DestinationRule(.name("mail.test"), port: 25)] }
        #expect(mail.denial(of: target("mail.test", 25), asTunnel: true, from: .here) == nil)
        #expect(mail.denial(of: target("a.test", 25), asTunnel: true, from: .here) == .port)
        let portless = Self.policy { $0.allow = [DestinationRule(.name("mail.test"))] }
        #expect(portless.denial(of: target("mail.test", 25), asTunnel: true, from: .here) == .port)
    }

    // MARK: - Lists

    @Test(arguments: [
        ("127.0.0.1", true), ("127.1", true), ("::ffff:127.0.0.1", true), ("127.0.0.2", true), ("localhost", true),
        ("::1", false), ("0.0.0.0", false), ("169.254.169.254", false), ("metadata.google.internal", false),
    ])
    func `a block of addresses opens them, in every form that is the same host`(_ host: String, _ isOpen: Bool) throws {
        let rule = try Self.block("127.0.0.0/8")
        let policy = Self.policy { $0.allow = [rule] }
        #expect((policy.denial(of: target(host), asTunnel: true, from: .here) == nil) == isOpen)
    }

    @Test(arguments: [
        ("a.example.org", PolicyDenial.deniedName), ("A.B.Example.Org.", .deniedName), ("example.org", nil),
        ("aexample.org", nil), ("bad.test", .deniedName), ("192.0.2.7", .deniedAddress),
        ("::ffff:192.0.2.7", .deniedAddress), ("64:ff9b::192.0.2.7", .deniedAddress), ("192.0.3.7", nil),
    ])
    func `what is denied stays denied when it is allowed as well`(_ host: String, _ denial: PolicyDenial?) throws {
        let rules = [DestinationRule(.below("example.org")), DestinationRule(.name("bad.test"))]
        let blocks = [try Self.block("192.0.2.0/24")]
        let policy = Self.policy {
            $0.deny = rules + blocks
            $0.allow = $0.deny
        }
        #expect(policy.denial(of: target(host), asTunnel: true, from: .here) == denial)
    }

    @Test func `an entry with a port is about this port`() throws {
        let rule = try Self.block("127.0.0.1", port: 8000)
        let policy = Self.policy { $0.allow = [rule] }
        #expect(policy.denial(of: target("127.0.0.1", 8000), asTunnel: false, from: .here) == nil)
        #expect(policy.denial(of: target("127.0.0.1", 8001), asTunnel: false, from: .here) == .specialAddress)
        let denying = Self.policy { $0.deny = [DestinationRule(.name("a.test"), port: 80)] }
        #expect(denying.denial(of: target("a.test", 80), asTunnel: false, from: .here) == .deniedName)
        #expect(denying.denial(of: target("a.test", 81), asTunnel: false, from: .here) == nil)
    }

    // MARK: - What a name turns out to be

    private func addresses(_ texts: [String]) throws -> [SocketAddress] {
        try texts.map { try SocketAddress(ipAddress: $0, port: 443) }
    }

    @Test func `of the addresses of a name only those are left that may be reached`() throws {
        let looked = try addresses(["127.0.0.1", "192.0.2.1", "::1", "10.0.0.1", "2606:4700::1", "::ffff:10.0.0.2"])
        let admitted = try Self.policy().admitted(looked, of: target("a.test"))
        #expect(admitted == (try addresses(["192.0.2.1", "2606:4700::1"])))
    }

    @Test func `a name that is only where nobody may go is denied`() throws {
        let hidden = try addresses(["10.0.0.1", "127.0.0.1"])
        #expect(throws: PolicyDenial.privateAddress) { try Self.policy().admitted(hidden, of: target("a.test")) }
        let block = try Self.block("192.0.2.0/24")
        let denying = Self.policy { $0.deny = [block] }
        let denied = try addresses(["192.0.2.1"])
        #expect(throws: PolicyDenial.deniedAddress) { try denying.admitted(denied, of: target("a.test")) }
    }

    @Test func `an allowed name may have any address but a denied one`() throws {
        let block = try Self.block("10.0.0.0/24")
        let policy = Self.policy {
            $0.allow = [DestinationRule(.name("printer.test"))]
            $0.deny = [block]
        }
        let looked = try addresses(["10.0.0.1", "10.0.1.1", "127.0.0.1"])
        let admitted = try policy.admitted(looked, of: target("Printer.test."))
        #expect(admitted == (try addresses(["10.0.1.1", "127.0.0.1"])))
        #expect(throws: PolicyDenial.self) { try policy.admitted(looked, of: target("other.test")) }
    }
}
