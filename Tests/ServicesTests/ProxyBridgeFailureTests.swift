import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeFailureTests {
    /// The table of failures: status, RFC 9209 error, and the status in the style of proxy-chain.
    static let table: [(BridgeFailure, status: Int, error: String?, proxyChain: Int)] = [
        (.request(.hostCount), 400, "http_request_error", 400),
        (.request(.lineTooLong), 414, "http_request_error", 414),
        (.request(.headTooLarge), 431, "http_request_error", 431),
        (.request(.tooManyFields), 431, "http_request_error", 431),
        (.request(.unsupportedVersion), 505, "http_request_error", 505),
        (.request(.unknownTransferCoding), 501, "http_request_error", 501),
        (.request(.traceRefused), 405, "http_request_error", 405),
        (.request(.headTimeout), 408, "http_request_error", 408), (.clientAuthentication, 407, nil, 407),
        (.prohibited(.deniedName), 403, "http_request_denied", 403),
        (.prohibited(.port), 403, "http_request_denied", 403),
        (.prohibited(.deniedAddress), 403, "destination_ip_prohibited", 403),
        (.prohibited(.specialAddress), 403, "destination_ip_prohibited", 403),
        (.prohibited(.privateAddress), 403, "destination_ip_prohibited", 403),
        (.loop, 508, "proxy_loop_detected", 599), (.draining, 503, "destination_unavailable", 503),
        (.nameNotResolved, 502, "dns_error", 593), (.originNotResolved, 502, "dns_error", 404),
        (.nameTimeout, 504, "dns_timeout", 504), (.refused, 502, "connection_refused", 594),
        (.unreachable, 502, "destination_ip_unroutable", 599),
        (.terminated, 502, "connection_terminated", 595), (.unsent, 502, "connection_terminated", 596),
        (.connectionLimit, 503, "connection_limit_reached", 503), (.exhausted, 503, "connection_limit_reached", 503),
        (.tunnelRefused(received: 508), 508, "proxy_loop_detected; received-status=508", 599),
        (.authentication(.method(255)), 502, "proxy_configuration_error", 597),
        (.authenticationLatched(.verdict(1)), 502, "proxy_configuration_error", 597),
        (.tlsTimeout, 504, "connection_timeout", 504), (.tlsProtocol, 502, "tls_protocol_error", 599),
        (.tlsCertificate, 502, "tls_certificate_error", 599), (.socksReply, 502, "http_protocol_error", 599),
        (.socksRefused(1), 502, "proxy_internal_response", 599),
        (.socksRefused(2), 502, "http_request_denied; details=\"socks 2\"", 599),
        (.socksRefused(3), 502, "destination_ip_unroutable", 599),
        (.socksRefused(4), 502, "destination_unavailable", 599), (.socksRefused(5), 502, "connection_refused", 594),
        (.socksRefused(6), 504, "connection_timeout", 504), (.socksRefused(7), 502, "proxy_internal_response", 599),
        (.socksRefused(8), 502, "proxy_internal_response", 599),
        (.socksRefused(99), 502, "proxy_internal_response", 599),
        (.connectTimeout, 504, "connection_timeout", 504), (.originTimeout, 504, "dns_timeout", 504),
        (.replyTimeout, 504, "connection_read_timeout", 504), (.responseTimeout, 504, "http_response_timeout", 504),
        (.authentication(.status(401)), 502, "proxy_configuration_error; received-status=401", 597),
        (.authenticationLatched(.status(407)), 502, "proxy_configuration_error; received-status=407", 597),
        (.tunnelRefused(received: 403), 502, "http_protocol_error; received-status=403", 590),
        (.tunnelRefused(received: 429), 502, "http_protocol_error; received-status=429", 590),
        (.tunnelRefused(received: 503), 503, "destination_unavailable; received-status=503", 590),
        (.tunnelRefused(received: 504), 504, "destination_unavailable; received-status=504", 590),
        (.reply(.notHTTP), 502, "http_protocol_error", 599),
        (.reply(.malformedHead), 502, "http_protocol_error", 599),
        (.reply(.statusOutOfRange), 502, "http_protocol_error", 592),
        (.reply(.headTooLarge), 502, "http_response_header_section_size", 599),
        (.internal, 500, "proxy_internal_error", 500),
    ]

    @Test(arguments: table.indices)
    func `each failure has a status in both styles and an RFC 9209 error`(_ index: Int) throws {
        let row = Self.table[index]
        for (style, status) in [(BridgeSettings.ErrorStyle.standard, row.status), (.proxyChain, row.proxyChain)] {
            let bytes = try #require(
                FailureResponse.bytes(for: row.0, at: .destination, bridge: "bridge@1", toHead: false, style: style)
            )
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(status) ") && !text.hasPrefix("HTTP/1.1 \(status) Error\r\n"))
            if let error = row.error {
                #expect(text.contains("\r\nProxy-Status: \"bridge@1\"; error=\(error)\r\n"))
            } else {
                #expect(!text.contains("Proxy-Status"))
            }
            #expect(text.contains("\r\nConnection: close\r\n"))
            #expect(text.contains("\r\nCache-Control: no-store\r\n"))
            #expect(text.contains("Retry-After") == (status == 503))
            let challenge = "\r\nProxy-Authenticate: Basic realm=\"bridge@1\", charset=\"UTF-8\"\r\n"
            #expect(text.contains(challenge) == (status == 407))
            let body = try #require(text.components(after: "\r\n\r\n"))
            #expect(text.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
            #expect(body.contains(row.0.word) && body.contains("bridge@1") && body.filter(\.isNewline).count == 1)
        }
    }

    @Test func `a bridge's name is a token where it can be`() {
        #expect(FailureResponse.proxyStatus(.refused, bridge: "office") == "office; error=connection_refused")
    }

    @Test(arguments: [RequestProblem.tlsOnPlainListener, .socks4])
    func `a client that speaks no HTTP gets no HTTP`(_ problem: RequestProblem) {
        #expect(FailureResponse.bytes(for: .request(problem), at: .destination, bridge: "b", toHead: false) == nil)
    }
}

extension String {
    /// What follows the first `separator`.
    fileprivate func components(after separator: String) -> String? {
        firstRange(of: separator).map { String(self[$0.upperBound...]) }
    }
}
