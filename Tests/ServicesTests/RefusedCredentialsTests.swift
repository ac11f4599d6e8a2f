import NIOCore
import ServiceConfiguration
import Synchronization
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct RefusedCredentialsTests {
    private static let first = proxy()

    private static func proxy(_ change: (inout UpstreamProxy) -> Void = { _ in }) -> UpstreamProxy {
        let credential = Credential(username: Secret("alice"), password: Secret("old"))
        var proxy = UpstreamProxy(id: "office", scheme: .socks5, host: "a.test", port: 1, credential: credential)
        change(&proxy)
        return proxy
    }

    private static func identity(_ text: String) -> UpstreamTLS {
        var tls = UpstreamTLS()
        tls.identity = UpstreamTLS.Identity(certificates: Array(text.utf8), key: Secret(text))
        return tls
    }

    @Test func `a refused credential is not shown for a while, then once, then not for twice as long`() {
        let time = RefusalClock()
        let (refused, route) = (RefusedCredentials { time.now }, UpstreamRoute.proxy(Self.first))
        #expect(refused.refusal(of: route) == nil && refused.refusal(beforeShowing: route) == nil)
        refused.record(.status(407), of: route)
        time.pass(.seconds(29))
        #expect(refused.refusal(of: route) == .status(407))
        #expect(refused.refusal(beforeShowing: route) == .status(407))
        time.pass(.seconds(1))
        #expect(refused.refusal(of: route) == nil)
        #expect(refused.refusal(beforeShowing: route) == nil)
        #expect(refused.refusal(beforeShowing: route) == .status(407), "only one request tries")
        #expect(refused.refusal(of: route) == .status(407))
        time.pass(.seconds(1))
        refused.record(.verdict(1), of: route)
        time.pass(.seconds(59))
        #expect(refused.refusal(of: route) == .verdict(1))
        time.pass(.seconds(1))
        #expect(refused.refusal(beforeShowing: route) == nil)
        time.pass(.seconds(30))
        #expect(refused.refusal(beforeShowing: route) == nil, "the answer never came")
        refused.recordSuccess(of: route)
        #expect(refused.refusal(beforeShowing: route) == nil && refused.refusal(of: route) == nil)
    }

    @Test func `no pause is longer than half an hour, however often the credential is refused after one`() {
        let time = RefusalClock()
        let (refused, route) = (RefusedCredentials { time.now }, UpstreamRoute.proxy(Self.first))
        for _ in 1...20 {
            refused.record(.status(407), of: route)
            time.pass(.minutes(30))
            #expect(refused.refusal(beforeShowing: route) == nil)
        }
    }

    @Test func `what was under way when the pause began makes it no longer`() {
        let time = RefusalClock()
        let (refused, route) = (RefusedCredentials { time.now }, UpstreamRoute.proxy(Self.first))
        for _ in 1...32 { refused.record(.status(407), of: route) }
        time.pass(.seconds(30))
        #expect(refused.refusal(of: route) == nil)
    }

    @Test(arguments: [
        (proxy { $0.id = "other" }, true), (proxy { $0.scheme = .socks5h }, true),
        (proxy { $0.plainVia = .connect }, true), (proxy { $0.scheme = .http }, false),
        (proxy { $0.host = "b.test" }, false), (proxy { $0.port = 2 }, false), (proxy { $0.credential = nil }, false),
        (proxy { $0.credential?.password = Secret("new") }, false),
        (proxy { $0.credential?.username = Secret("bob") }, false),
        (proxy { $0.allowsNoAuthentication = true }, false), (proxy { $0.tls = identity("other") }, false),
    ])
    func `the pause is that of everybody with the same credential for the same proxy`(
        other: UpstreamProxy,
        isShared: Bool
    ) {
        let refused = RefusedCredentials()
        refused.record(.status(407), of: .proxy(Self.first))
        #expect((refused.refusal(of: .proxy(other)) != nil) == isShared)
        #expect((refused.refusal(beforeShowing: .proxy(other)) != nil) == isShared)
        #expect((refused.trouble(of: .proxy(other)) != nil) == isShared)
        refused.recordSuccess(of: .proxy(other))
        #expect((refused.refusal(of: .proxy(Self.first)) == nil) == isShared)
    }

    @Test func `what nobody is going to show any more is forgotten, and the rest is kept`() {
        let refused = RefusedCredentials()
        let others = (2...9).map { port in Self.proxy { $0.port = UInt16(port) } }
        for proxy in [Self.first] + others { refused.record(.status(407), of: .proxy(proxy)) }
        refused.keep(only: [Self.first, Self.first] + others.suffix(1))
        #expect(refused.count == 2)
        #expect(refused.refusal(of: .proxy(Self.first)) != nil && refused.refusal(of: .proxy(others[0])) == nil)
    }

    @Test func `while nothing is refused a look reads nothing but that`() {
        let time = RefusalClock()
        let (refused, route) = (RefusedCredentials { time.now }, UpstreamRoute.proxy(Self.first))
        func lookEverywhere() {
            #expect(refused.refusal(of: route) == nil && refused.refusal(beforeShowing: route) == nil)
            #expect(refused.trouble(of: route) == nil && refused.rests().isEmpty)
            refused.recordSuccess(of: route)
        }
        lookEverywhere()
        #expect(time.reads == 0)
        refused.record(.status(407), of: route)
        refused.recordSuccess(of: route)
        lookEverywhere()
        #expect(time.reads == 1)
    }

    @Test func `nobody is held back from where nothing is shown`() {
        let refused = RefusedCredentials()
        refused.record(.status(407), of: .direct)
        #expect(refused.count == 0 && refused.refusal(beforeShowing: .direct) == nil)
    }
}
