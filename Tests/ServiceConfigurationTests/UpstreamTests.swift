import Addresses
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UpstreamTests {
    private func upstream(_ mapping: String) throws -> UpstreamProxy {
        let text = "services: {b: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: {\(mapping)}}}"
        guard case .proxyBridge(let bridge) = try Reading.only(text).kind, case .proxy(let proxy) = bridge.upstream
        else {
            throw Reading.Rejected()
        }
        return proxy
    }

    @Test(arguments: [
        ("url: 'http://alice:s3cret@proxy.example:3128'", "alice", "s3cret"),
        ("url: 'http://alice@proxy.example:3128/'", "alice", ""),
        ("url: 'http://alice:@proxy.example:3128'", "alice", ""),
        ("url: 'HTTP://al%40ice:a%3Ab%2541:c@d@proxy.example:3128'", "al@ice", "a:b%41:c@d"),
        ("url: 'http://%C3%A4:%e2%82%ac@proxy.example:3128'", "ä", "€"),
        ("url: 'http://proxy.example:3128', username: '%41', password: '%42:x'", "%41", "%42:x"),
        ("url: 'http://proxy.example:3128', username: 'NO', password: 0123", "NO", "0123"),
        ("url: 'http://proxy.example:3128', username: '${env:PROXY_USER}', password: ''", "alice", ""),
    ])
    func `a credential is read exactly once`(mapping: String, username: String, password: String) throws {
        let proxy = try upstream(mapping)
        #expect(proxy.host == "proxy.example")
        #expect(proxy.port == 3128)
        #expect(proxy.credential == Credential(username: Secret(username), password: Secret(password)))
        #expect(proxy.id == "b.upstream")
    }

    @Test
    func `an upstream may be an IPv6 address without a credential`() throws {
        let proxy = try upstream("url: 'http://[::1]:3128'")
        #expect(proxy.host == "::1")
        #expect(proxy.credential == nil)
    }
}
