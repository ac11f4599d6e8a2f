import ServiceConfiguration
import Testing

@testable import Services

/// What whoever reads the body of a failure, or the log, is told: where, what, and what to do.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeFailureTextTests {
    private static let upstream = NextHop.upstream(hasCredential: true)
    private static let open = NextHop.upstream(hasCredential: false)

    @Test(arguments: ProxyBridgeFailureTests.table.indices)
    func `every failure is one sentence with an advice`(_ index: Int) {
        let failure = ProxyBridgeFailureTests.table[index].0
        for hop in [NextHop.destination, Self.upstream, Self.open] {
            let text = failure.explanation(at: hop)
            #expect(text.hasPrefix("cannot ") && !text.contains("next hop") && !text.contains("\n"))
            let parts = text.split(separator: "; ")
            #expect(parts.count == 2 && parts.last?.isEmpty == false, "\(text)")
        }
    }

    private static let texts: [(BridgeFailure, NextHop, String)] = [
        (.refused, .destination, "cannot connect to the destination: it refuses connections; check that it runs"),
        (.refused, upstream, "cannot connect to the upstream: it refuses connections; check that it runs"),
        (.nameNotResolved, .destination, "cannot resolve the name of the destination; check the name and the resolver"),
        (.nameNotResolved, upstream, "cannot resolve the name of the upstream; check the name and the resolver"),
        (.originNotResolved, upstream, "cannot resolve the name of the destination; check the name and the resolver"),
        (.originTimeout, upstream, "cannot resolve the name of the destination in time; check the resolver"),
        (.connectTimeout, .destination, "cannot connect to the destination in time; check that it runs"),
        (.terminated, .destination, "cannot get a reply from the destination: it closed the connection; try again"),
        (
            .authentication(.status(407)), open,
            "cannot use the upstream: it answered 407: it asks for a credential, and none is configured; "
                + "add `username` and `password` to the upstream, and reload"
        ),
        (
            .authentication(.method(0xff)), open,
            "cannot use the upstream: it takes none of the methods that were offered: it asks for a credential, and "
                + "none is configured; add `username` and `password` to the upstream, and reload"
        ),
        (
            .authentication(.status(407)), upstream,
            "cannot use the upstream: it answered 407; correct the credential and reload"
        ),
        (
            .tunnelRefused(received: 403), upstream,
            "cannot open the tunnel: the upstream answered 403; check that it allows the destination"
        ),
        (
            .tunnelRefused(received: 429), upstream,
            "cannot open the tunnel: the upstream answered 429; send fewer requests, or wait"
        ),
        (
            .tunnelRefused(received: 502), upstream,
            "cannot open the tunnel: the upstream answered 502; check that the destination can be reached from there, "
                + "or try again"
        ),
        (
            .tunnelRefused(received: 404), upstream,
            "cannot open the tunnel: the upstream answered 404; check that it is a proxy that opens tunnels"
        ),
        (
            .reply(.tooManyInformational), upstream,
            "cannot understand the reply of the upstream: more than 8 informational replies (1xx) came before the "
                + "final one; check that it is a proxy that speaks HTTP/1.1"
        ),
        (
            .reply(.notHTTP), .destination,
            "cannot understand the reply of the destination: it is not HTTP/1.1; ask who runs it"
        ),
    ]

    @Test(arguments: texts.indices)
    func `a failure says where it is and what helps there`(_ index: Int) {
        let (failure, hop, text) = Self.texts[index]
        #expect(failure.explanation(at: hop) == text)
    }

    @Test(
        arguments: [
            (.refused, .tcp, "check that it runs"), (.nameNotResolved, .tcp, "check the name and the resolver"),
            (.nameTimeout, .target, "check the resolver"), (.unreachable, .target, "check the route to it"),
            (.tlsCertificate, .tcp, "check its name, its authority, its dates and its pin"),
            (.tlsCertificate, .auth, "check its name, its authority, its dates and its pin"),
            (.tlsProtocol, .target, "check that it is an https proxy with TLS 1.2 or later"),
        ] as [(BridgeFailure, BridgeProbe.Mode, String)]
    )
    func `a probe tells what helps against what it met`(failure: BridgeFailure, mode: BridgeProbe.Mode, advice: String)
    {
        let proxy = UpstreamRoute.proxy(UpstreamProxy(id: "office", host: "a.test", port: 1, credential: nil))
        let answer = ProbeAnswer.judge(.failure(failure), mode: mode, on: proxy, isDialled: false)
        #expect(answer == .unusable(failure.word, advice: advice))
    }

    // MARK: - As clients see them

    private static let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"

    @Test(arguments: [
        "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `who goes direct meets destinations, and who goes over an upstream meets that`(request: String) async throws {
        for (settings, hop) in [(BridgeSettings(upstream: .direct), "destination"), (.through(1), "upstream")] {
            try await ProxyBridgeRig.run(settings) { rig in
                let reply = try await rig.exchange(request)
                #expect(reply.hasSuffix("cannot connect to the \(hop): it refuses connections; check that it runs\n"))
            }
        }
    }

    @Test func `what a destination does behind a tunnel is not the upstream's`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
            _ = try await peer.readHead()
        } _: { server in
            var proxy = UpstreamProxy(id: "office", host: "127.0.0.1", port: UInt16(server.port), credential: nil)
            proxy.plainVia = .connect
            try await ProxyBridgeRig.run(BridgeSettings(upstream: .proxy(proxy))) { rig in
                let reply = try await rig.exchange("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n")
                #expect(reply.contains("cannot get a reply from the destination: it closed the connection; "))
            }
        }
    }

    @Test func `an upstream that asks for a credential where there is none is told as that`() async throws {
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        } _: { server in
            let upstream = UpstreamProxy(id: "office", host: "127.0.0.1", port: UInt16(server.port), credential: nil)
            try await ProxyBridgeRig.run(BridgeSettings(upstream: .proxy(upstream))) { rig in
                let reply = try await rig.exchange(Self.connect)
                #expect(reply.contains("asks for a credential, and none is configured; add `username` and `password`"))
                await rig.log.wait(for: "none is configured; add `username`")
                #expect(!rig.log.lines.contains { $0.contains("correct the credential") })
            }
        }
    }
}
