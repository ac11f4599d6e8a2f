import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct FailureAttributionTests {
    private static let proxy = UpstreamRoute.proxy(
        UpstreamProxy(
            id: "office",
            host: "a.test",
            port: 1,
            credential: Credential(username: Secret("u"), password: Secret("p"))
        )
    )

    @Test(
        arguments: [
            (.request(.hostCount), false, .client), (.loop, true, .policy), (.exhausted, false, .bridge),
            (.draining, false, .bridge),
            (.nameNotResolved, false, .upstreamDown), (.nameTimeout, false, .upstreamDown),
            (.refused, false, .upstreamDown), (.unreachable, false, .upstreamDown),
            (.connectTimeout, false, .upstreamDown), (.refused, true, .targetDown),
            (.originTimeout, false, .targetDown),
            (.authentication(.status(407)), true, .upstreamAuth),
            (.authentication(.status(401)), true, .upstreamAuth),
            (.tunnelRefused(received: 403), true, .policy), (.tunnelRefused(received: 502), true, .targetDown),
            (.tunnelRefused(received: 508), true, .policy),
            (.tunnelRefused(received: 503), true, .targetDown), (.tunnelRefused(received: 504), true, .targetDown),
            (.replyTimeout, true, .unknown), (.terminated, true, .unknown), (.internal, false, .bridge),
        ] as [(BridgeFailure, Bool, FailureAttribution)]
    )
    func `a failure has somebody to blame`(failure: BridgeFailure, isDialled: Bool, who: FailureAttribution) {
        #expect(failure.attribution(on: Self.proxy, isDialled: isDialled) == who)
        if !isDialled, who == .upstreamDown {
            #expect(failure.attribution(on: .direct, isDialled: isDialled) == .targetDown)
        }
    }

    @Test(
        arguments: [
            (.auth, .authentication(.status(407)), true, false), (.auth, .tunnelRefused(received: 500), true, true),
            (.auth, .tunnelRefused(received: 403), true, true), (.auth, .refused, false, nil),
            (.auth, .replyTimeout, true, nil), (.auth, .terminated, true, nil), (.tcp, .refused, false, false),
            (.tcp, .connectTimeout, false, false), (.target, .refused, false, false),
            (.target, .tunnelRefused(received: 503), true, nil), (.target, .authentication(.status(401)), true, false),
            (.target, .replyTimeout, true, nil), (.auth, .tlsCertificate, true, false),
            (.auth, .tlsProtocol, true, nil), (.auth, .tlsTimeout, true, nil), (.auth, .connectTimeout, false, nil),
            (.auth, .nameNotResolved, false, nil), (.auth, .nameTimeout, false, nil),
            (.tcp, .tlsCertificate, true, false), (.tcp, .exhausted, false, nil),
        ] as [(BridgeProbe.Mode, BridgeFailure, Bool, Bool?)]
    )
    func `a probe rejects what is the upstream's fault, as far as it was asked for`(
        mode: BridgeProbe.Mode,
        failure: BridgeFailure,
        isDialled: Bool,
        isAccepted: Bool?
    ) {
        let answer = ProbeAnswer.judge(.failure(failure), mode: mode, on: Self.proxy, isDialled: isDialled)
        switch answer {
        case .accepted: #expect(isAccepted == true)
        case .rejected(let reason):
            #expect(isAccepted == false && !reason.contains("Secret") && who(failure, isDialled) == .upstreamAuth)
        case .unusable(let word, let advice):
            #expect(isAccepted == false && word == failure.word)
            #expect(advice == failure.advice(at: .upstream(hasCredential: true)))
        case .unreachable(let word):
            #expect(isAccepted == nil && word == failure.word && who(failure, isDialled) == .upstreamDown)
        case .inconclusive(let word): #expect(isAccepted == nil && word == failure.word)
        }
    }

    private func who(_ failure: BridgeFailure, _ isDialled: Bool) -> FailureAttribution {
        failure.attribution(on: Self.proxy, isDialled: isDialled)
    }

    @Test func `the status tells a refused credential and a failed upstream until they work`() {
        let time = RefusalClock()
        let snapshot = RouteSnapshot(
            BridgeSettings(upstream: .direct),
            via: Self.proxy,
            generation: 1,
            contexts: TLSContexts()
        )
        let routes = BridgeRoutes(snapshot) { time.now }
        #expect(routes.trouble == nil)
        routes.record(trouble: "connection_refused", for: snapshot)
        time.pass(.seconds(12))
        routes.record(trouble: "connection_refused", for: snapshot)
        #expect(routes.trouble == "failed 12s ago: connection_refused")
        routes.recordSuccess(of: snapshot)
        #expect(routes.trouble == nil)
        let refused = RefusedCredentials { time.now }
        refused.record(.status(407), of: Self.proxy)
        time.pass(.seconds(10))
        #expect(
            refused.trouble(of: Self.proxy) == "the same credential was refused 10s ago (407), asked again in 20s"
        )
        time.pass(.seconds(20))
        #expect(refused.trouble(of: Self.proxy) == "the same credential was refused 30s ago (407)")
        refused.recordSuccess(of: Self.proxy)
        #expect(refused.trouble(of: Self.proxy) == nil)
    }
}
