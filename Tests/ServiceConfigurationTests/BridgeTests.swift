import Addresses
import ServiceConfiguration
import Testing

/// The keys of a proxy bridge about its clients.
@Suite(.timeLimit(.minutes(1)))
struct BridgeTests {
    private func bridge(_ keys: String, listen: String = "127.0.0.1:1") throws -> BridgeSettings {
        let text = "services: {b: {type: proxy-bridge, listen: '\(listen)', upstream: direct, \(keys)}}"
        guard case .proxyBridge(let bridge) = try Reading.only(text).kind else { throw Reading.Rejected() }
        return bridge
    }

    @Test func `without a key the defaults hold`() throws {
        let settings = try bridge("")
        #expect(settings.auth == nil && settings.errorStyle == .standard && !settings.via)
        #expect(settings.policy == PolicySettings() && settings.policy.ports == nil)
    }

    @Test func `what clients must send is read as it is`() throws {
        let settings = try bridge(
            "auth: {username: '%41', password: '${env:PROXY_PASSWORD}'}, error_style: proxy-chain, via: true"
        )
        #expect(settings.auth == Credential(username: Secret("%41"), password: Secret(Reading.canary)))
        #expect(settings.errorStyle == .proxyChain && settings.via)
    }

    @Test func `a bridge that authenticates its clients may be open to other machines`() throws {
        let settings = try bridge("auth: {username: a, password: ''}", listen: "0.0.0.0:1")
        #expect(settings.auth != nil && !settings.allowOpen)
    }

    private static func network(_ text: String) throws -> DestinationRule.Hosts {
        .network(try #require(IPNetwork(text)))
    }

    @Test func `an entry of a policy is a name, a domain, an address or a block, with a port or without`() throws {
        let list =
            "[A.test., '*.B.test:443', 192.0.2.1, '192.0.2.0/24:80', '::1', '[fd00::/8]:22', '[::2]', "
            + "'${env:PROXY_USER}']"
        let rules = try bridge("policy: {allow: \(list), deny: \(list)}").policy
        let expected = [
            DestinationRule(.name("a.test")), DestinationRule(.below("b.test"), port: 443),
            DestinationRule(try Self.network("192.0.2.1")), DestinationRule(try Self.network("192.0.2.0/24"), port: 80),
            DestinationRule(try Self.network("::1")), DestinationRule(try Self.network("fd00::/8"), port: 22),
            DestinationRule(try Self.network("::2")), DestinationRule(.name("alice")),
        ]
        #expect(rules.allow == expected && rules.deny == expected)
    }

    @Test func `private addresses and ports are a matter of the policy`() throws {
        let policy = try bridge("policy: {allow_private: true, ports: [443, 25]}").policy
        #expect(policy.allowPrivate && policy.ports == [25, 443])
    }
}
