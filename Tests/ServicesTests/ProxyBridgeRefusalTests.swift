import NIOCore
import NIOPosix
import ServiceConfiguration
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Services

/// How bridges and probes keep a refused credential to themselves.
@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeRefusalTests {
    private static let connect = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
    private static let get = "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"
    private static let origin = Authority(host: "a.test", port: 443)

    private static func proxy(_ port: Int, _ scheme: UpstreamScheme = .http) -> UpstreamProxy {
        let credential = Credential(username: Secret("alice"), password: Secret("s3cret"))
        return UpstreamProxy(
            id: "office",
            scheme: scheme,
            host: "127.0.0.1",
            port: UInt16(port),
            credential: credential
        )
    }

    @Test func `bridges with the same credential for the same upstream share its pause and what ends it`() async throws
    {
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send(number == 1 ? "HTTP/1.1 407 No\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n")
        } _: { server in
            let (time, settings) = (RefusalClock(), BridgeSettings.through(server.port))
            let refused = RefusedCredentials { time.now }
            try await ProxyBridgeRig.run(settings, refused: refused) { one in
                try await ProxyBridgeRig.run(settings, refused: refused) { other in
                    for rig in [one, other, one] {
                        for request in [Self.connect, Self.get] {
                            let answer = try await rig.exchange(request)
                            #expect(answer.contains("error=proxy_configuration_error; received-status=407"))
                        }
                    }
                    #expect(server.connections == 1)
                    let told = (one.log.lines + other.log.lines).count { $0.contains("cannot use upstream") }
                    #expect(told == 1, "one line for each refusal")
                    time.pass(.seconds(30))
                    for rig in [other, one] {
                        #expect(try await rig.exchange(Self.connect).hasPrefix("HTTP/1.1 200 "))
                    }
                    #expect(server.connections == 3)
                }
            }
        }
    }

    @Test(
        arguments: [
            (.http, true, ""), (.http, false, ""), (.socks5h, true, "\u{5}\u{1}\u{2}"),
        ] as [(UpstreamScheme, Bool, String)]
    )
    func `a credential that is refused while a request dials is not shown by it any more`(
        scheme: UpstreamScheme,
        isTunnel: Bool,
        said: String
    ) async throws {
        try await ScriptedServer.run { peer, _ in
            if scheme == .socks5h {
                let greeting = try await peer.read(bytes: 3)
                #expect(greeting == said)
                try await peer.send("\u{5}\u{2}")
            }
            #expect(try await peer.readToEnd() == "")
        } _: { server in
            let proxy = Self.proxy(server.port, scheme)
            let snapshot = RouteSnapshot(BridgeSettings(upstream: .proxy(proxy)), generation: 1)
            let way = isTunnel ? snapshot.way(toTunnel: Self.origin) : snapshot.way(toResourceOf: Self.origin)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let refused = RefusedCredentials()
            try await TaskPool.scope { tasks in
                let failure = try await loop.flatSubmit {
                    let failed = loop.makePromise(of: BridgeFailure?.self)
                    let owner = RouteOpening.Owner(
                        tasks: tasks,
                        adopt: { _ in refused.record(.status(407), of: .proxy(proxy)) },
                        passage: nil,
                        timer: LazyTimer(loop),
                        eventLoop: loop,
                        refused: refused
                    )
                    let opening = RouteOpening(way, of: snapshot, for: owner)
                    // A connection does not own whom it serves.
                    failed.futureResult.assumeIsolated().whenComplete { _ in opening.cancel() }
                    opening.start { result in
                        if case .failure(let failure) = result { failed.succeed(failure) } else { failed.succeed(nil) }
                    }
                    return failed.futureResult
                }.get()
                #expect(failure == .authenticationLatched(.status(407)))
            }
        }
    }

    @Test func `after a pause one request tries, also on a connection that rests`() async throws {
        let gate = Gate()
        try await ScriptedServer.run { peer, number in
            _ = try await peer.readHead()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            guard number == 1 else { return }
            _ = try await peer.readHead()
            await gate.pass()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await peer.waitForEnd()
        } _: { server in
            let time = RefusalClock()
            let refused = RefusedCredentials { time.now }
            try await ProxyBridgeRig.run(.through(server.port), refused: refused) { rig in
                try await rig.client { client in
                    try await client.send(Self.get)
                    #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
                    refused.record(.status(407), of: rig.routes.current.upstream)
                    time.pass(.seconds(30))
                    try await client.send(Self.get)
                    // Only one that is under way makes the next one wait.
                    while refused.refusal(of: rig.routes.current.upstream) == nil { try await Turn.next() }
                    #expect(try await rig.exchange(Self.get).contains("received-status=407"))
                    gate.open()
                    #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
                    #expect(refused.count == 0 && server.connections == 1)
                }
            }
        }
    }

    @Test func `a probe writes into the book, and looks into it unless somebody waits for the answer`() async throws {
        let shown = Mutex(0)
        try await ScriptedServer.run { peer, _ in
            _ = try await peer.readHead()
            let count = shown.withLock { count in
                count += 1
                return count
            }
            try await peer.send("HTTP/1.1 \(count == 3 ? "403 Nowhere" : "407 No")\r\n\r\n")
        } _: { server in
            let proxy = Self.proxy(server.port)
            let matter = ProbeQuestion.Matter(checking: proxy, within: .seconds(30))
            let refused = RefusedCredentials()
            func answer(insisting insists: Bool) async -> ProbeAnswer {
                await TaskPool.scope { tasks in
                    await ProbeAttempt.answer(
                        to: matter,
                        insisting: insists,
                        in: tasks,
                        contexts: TLSContexts(),
                        refused: refused,
                        on: MultiThreadedEventLoopGroup.singleton.next()
                    )
                }
            }
            for (insists, times) in [(false, 1), (false, 1), (true, 2)] {
                guard case .rejected = await answer(insisting: insists) else {
                    Issue.record("not rejected")
                    return
                }
                #expect(shown.withLock { $0 } == times)
                #expect(refused.refusal(of: .proxy(proxy)) == .status(407))
            }
            #expect(await answer(insisting: true) == .accepted)
            #expect(refused.count == 0)
        }
    }
}
