import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeFailureTests {
    @Test(arguments: [
        (BridgeFailure.request(.hostCount), 400, "http_request_error"), (.loop, 508, "proxy_loop_detected"),
        (.draining, 503, "destination_unavailable"), (.nameNotResolved, 502, "dns_error"),
        (.nameTimeout, 504, "dns_timeout"), (.refused, 502, "connection_refused"),
        (.unreachable, 502, "destination_ip_unroutable"), (.terminated, 502, "connection_terminated"),
        (.connectTimeout, 504, "connection_timeout"), (.establishmentTimeout, 504, "connection_timeout"),
        (.replyTimeout, 504, "connection_read_timeout"), (.responseTimeout, 504, "http_response_timeout"),
        (.authentication(.status(401)), 502, "proxy_configuration_error; received-status=401"),
        (.authenticationLatched(.status(407)), 502, "proxy_configuration_error; received-status=407"),
        (.tunnelRefused(received: 403), 502, "http_protocol_error; received-status=403"),
        (.tunnelRefused(received: 429), 502, "http_protocol_error; received-status=429"),
        (.tunnelRefused(received: 503), 503, "destination_unavailable; received-status=503"),
        (.tunnelRefused(received: 504), 504, "destination_unavailable; received-status=504"),
        (.authentication(.method(255)), 502, "proxy_configuration_error"),
        (.authenticationLatched(.verdict(1)), 502, "proxy_configuration_error"),
        (.tlsTimeout, 504, "connection_timeout"), (.tlsProtocol, 502, "tls_protocol_error"),
        (.tlsCertificate, 502, "tls_certificate_error"), (.socksReply, 502, "http_protocol_error"),
        (.socksRefused(1), 502, "proxy_internal_response"),
        (.socksRefused(2), 502, "http_request_denied; details=\"socks 2\""),
        (.socksRefused(3), 502, "destination_ip_unroutable"), (.socksRefused(4), 502, "destination_unavailable"),
        (.socksRefused(5), 502, "connection_refused"), (.socksRefused(6), 504, "connection_timeout"),
        (.socksRefused(7), 502, "proxy_internal_response"), (.socksRefused(8), 502, "proxy_internal_response"),
        (.socksRefused(99), 502, "proxy_internal_response"), (.reply(.notHTTP), 502, "http_protocol_error"),
        (.reply(.headTooLarge), 502, "http_response_header_section_size"), (.internal, 500, "proxy_internal_error"),
    ])
    func `each failure has a status and an RFC 9209 error`(_ failure: BridgeFailure, _ status: Int, _ error: String)
        throws
    {
        let bytes = try #require(FailureResponse.bytes(for: failure, bridge: "bridge@1", toHead: false))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(text.contains("\r\nProxy-Status: \"bridge@1\"; error=\(error)\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.contains("\r\nCache-Control: no-store\r\n"))
        #expect(text.contains("Retry-After") == (status == 503))
        let body = try #require(text.components(after: "\r\n\r\n"))
        #expect(text.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
        #expect(body.contains(failure.word) && body.contains("bridge@1") && body.filter(\.isNewline).count == 1)
    }

    @Test func `a bridge's name is a token where it can be`() {
        #expect(FailureResponse.proxyStatus(.refused, bridge: "office") == "office; error=connection_refused")
    }

    @Test(arguments: [RequestProblem.tlsOnPlainListener, .socksOnHTTPListener])
    func `a client that speaks no HTTP gets no HTTP`(_ problem: RequestProblem) {
        #expect(FailureResponse.bytes(for: .request(problem), bridge: "b", toHead: false) == nil)
    }

    // MARK: - The latch

    private func route(_ password: String, generation: UInt64) -> RouteSnapshot {
        let credential = Credential(username: Secret("alice"), password: Secret(password))
        let upstream = UpstreamProxy(id: "up", host: "127.0.0.1", port: 1, credential: credential)
        return RouteSnapshot(BridgeSettings(upstream: .proxy(upstream)), generation: generation)
    }

    @Test func `a refused credential is not sent again for a while, then once, then for twice as long`() {
        var latch = AuthenticationLatch()
        let start = NIODeadline.now()
        #expect(latch.refusal(at: start) == nil)
        latch.record(.status(407), at: start)
        #expect(latch.refusal(at: start + .seconds(29)) == .status(407))
        #expect(latch.refusal(at: start + .seconds(30)) == nil)
        #expect(latch.refusal(at: start + .seconds(31)) == .status(407), "only one request tries")
        latch.record(.status(407), at: start + .seconds(31))
        #expect(latch.refusal(at: start + .seconds(90)) == .status(407))
        #expect(latch.refusal(at: start + .seconds(91)) == nil)
    }

    @Test func `the latch never holds for more than half an hour`() {
        var latch = AuthenticationLatch()
        let start = NIODeadline.now()
        for _ in 1...20 { latch.record(.status(407), at: start) }
        #expect(latch.refusal(at: start + .minutes(30)) == nil)
    }

    @Test func `a changed credential clears the latch and an old refusal does not set it again`() {
        let old = route("old", generation: 1)
        let new = route("new", generation: 2)
        let routes = BridgeRoutes(old)
        routes.record(refused: .status(407), for: old)
        #expect(routes.refusal(for: old) == .status(407))
        routes.publish(new)
        routes.record(refused: .status(407), for: old)
        #expect(routes.refusal(for: new) == nil)
    }

    @Test func `a reload of the same credential keeps the latch`() {
        let routes = BridgeRoutes(route("same", generation: 1))
        routes.record(refused: .status(407), for: routes.current)
        routes.publish(route("same", generation: 2))
        #expect(routes.refusal(for: routes.current) == .status(407))
    }
}

extension String {
    /// What follows the first `separator`.
    fileprivate func components(after separator: String) -> String? {
        firstRange(of: separator).map { String(self[$0.upperBound...]) }
    }
}
