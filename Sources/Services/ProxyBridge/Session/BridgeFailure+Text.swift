extension BridgeFailure {
    /// One sentence that starts with "cannot", says where, and ends with what to do; it names no upstream and no
    /// credential.
    func explanation(at hop: NextHop) -> String {
        switch self {
        case .request(let problem): "cannot serve the request: \(problem.explanation)"
        case .clientAuthentication: "cannot serve the client: it must authenticate; give it the proxy's credential"
        case .prohibited(let denial): "cannot reach the destination: \(denial.explanation)"
        case .loop: "cannot forward the request: the destination is this proxy itself; correct the address"
        case .connectionLimit:
            "cannot serve the request: all connections of the proxy are in use; try again or raise max_connections"
        case .exhausted:
            "cannot open a connection: the proxy has no descriptor or memory left; raise its limit of open files or "
                + "lower max_connections"
        case .draining: "cannot open a connection: the proxy is stopping; try again"
        case .nameNotResolved: "cannot resolve the name of \(hop); \(advice(at: hop))"
        case .originNotResolved: "cannot resolve the name of the destination; \(advice(at: hop))"
        case .nameTimeout: "cannot resolve the name of \(hop) in time; \(advice(at: hop))"
        case .originTimeout: "cannot resolve the name of the destination in time; \(advice(at: hop))"
        case .refused: "cannot connect to \(hop): it refuses connections; \(advice(at: hop))"
        case .unreachable: "cannot connect to \(hop): its network is unreachable; \(advice(at: hop))"
        case .terminated, .unsent: "cannot get a reply from \(hop): it closed the connection; \(advice(at: hop))"
        case .connectTimeout: "cannot connect to \(hop) in time; \(advice(at: hop))"
        case .replyTimeout: "cannot open the tunnel: the upstream does not reply in time; \(advice(at: hop))"
        case .responseTimeout: "cannot get a response from \(hop) in time; \(advice(at: hop))"
        case .tlsTimeout: "cannot finish the TLS handshake with \(hop) in time; \(advice(at: hop))"
        case .tlsProtocol: "cannot speak TLS with \(hop); \(advice(at: hop))"
        case .tlsCertificate: "cannot trust the certificate of \(hop); \(advice(at: hop))"
        case .authentication(let refusal):
            "cannot use the upstream: it \(refusal.explanation(at: hop)); \(refusal.advice(at: hop))"
        case .authenticationLatched(let refusal):
            "cannot use the upstream, which was not asked again: the last time it \(refusal.explanation(at: hop)); "
                + refusal.advice(at: hop)
        case .tunnelRefused(let received):
            "cannot open the tunnel: the upstream answered \(received); \(advice(at: hop))"
        case .reply(let problem): "cannot understand the reply of \(hop): \(problem.explanation); \(advice(at: hop))"
        case .socksRefused(let code): SOCKSReply.explanation(of: code)
        case .socksReply: "cannot understand the reply of the upstream; \(advice(at: hop))"
        case .internal: "cannot serve the request because of a defect in the proxy; report it"
        }
    }

    /// What to do about a failure of the next hop.
    func advice(at hop: NextHop) -> String {
        switch self {
        case .nameNotResolved, .originNotResolved: "check the name and the resolver"
        case .nameTimeout, .originTimeout: "check the resolver"
        case .unreachable: "check the route to it"
        case .replyTimeout: "check that it is a proxy"
        case .tlsTimeout: "check that it is an https proxy"
        case .tlsProtocol: "check that it is an https proxy with TLS 1.2 or later"
        case .tlsCertificate: "check its name, its authority, its dates and its pin"
        case .tunnelRefused(let received): Self.advice(onTunnelRefusedWith: received)
        case .socksReply: "check that it speaks SOCKS 5"
        case .reply: hop == .destination ? "ask who runs it" : "check that it is a proxy that speaks HTTP/1.1"
        case .refused, .connectTimeout: "check that it runs"
        case .authentication(let refusal), .authenticationLatched(let refusal): refusal.advice(at: hop)
        case .request, .clientAuthentication, .prohibited, .loop, .connectionLimit, .exhausted, .draining,
            .terminated, .unsent, .responseTimeout, .socksRefused, .internal:
            "try again"
        }
    }

    private static func advice(onTunnelRefusedWith status: Int) -> String {
        switch status {
        case 403: "check that it allows the destination"
        case 508: "correct the address of an upstream: it leads back"
        case 429: "send fewer requests, or wait"
        case 500...: "check that the destination can be reached from there, or try again"
        default: "check that it is a proxy that opens tunnels"
        }
    }
}

extension ResponseProblem {
    /// What is wrong, after "cannot understand the reply of ...: ".
    var explanation: String {
        switch self {
        case .notHTTP: "it is not HTTP/1.1"
        case .malformedHead: "its head has a line that is no field, or a byte that no head has"
        case .statusOutOfRange: "its status is not a number from 100 to 999"
        case .headTooLarge: "its head is larger than 64 KiB or 256 fields"
        case .tooManyInformational:
            "more than \(HeadLimits.informationalReplies) informational replies (1xx) came before the final one"
        case .contentLength: "its Content-Length is not one number"
        case .transferCoding: "its body's end cannot be known from its transfer coding"
        case .malformedChunk: "its chunked body is malformed"
        case .unaskedUpgrade: "it changes to a protocol (101) although none was asked for"
        case .otherUpgrade: "it changes to another protocol (101) than the one that was asked for"
        }
    }
}
