/// Everything that can go wrong with one request, as its client gets to know it.
enum BridgeFailure: Error, Hashable, Sendable {
    case request(RequestProblem)
    /// The client has not shown the credential of `auth`.
    case clientAuthentication
    /// The destination is one that clients may not reach.
    case prohibited(PolicyDenial)
    /// The connection leads back to this bridge.
    case loop
    /// The bridge has as many connections as it may have.
    case connectionLimit
    /// The process has no descriptor or memory left for one more connection.
    case exhausted
    /// The bridge is stopping and opens nothing new.
    case draining
    case nameNotResolved
    /// The name of the origin of a plain request, which is the next hop itself.
    case originNotResolved
    case nameTimeout
    /// The same of an origin that is looked up here for an upstream that wants its address.
    case originTimeout
    case refused
    case unreachable
    /// Reset or closed before a reply.
    case terminated
    /// Closed while the head was sent.
    case unsent
    case connectTimeout
    case replyTimeout
    case responseTimeout
    case tlsTimeout
    /// The handshake failed for another reason than the certificate.
    case tlsProtocol
    /// The certificate of the upstream is not to be trusted.
    case tlsCertificate
    case authentication(CredentialRefusal)
    /// The same credential was refused a short time ago: the upstream was not asked again.
    case authenticationLatched(CredentialRefusal)
    /// A reply to CONNECT that is neither success nor about authentication.
    case tunnelRefused(received: Int)
    case reply(ResponseProblem)
    /// A SOCKS proxy could not or would not connect: its reply code, which is not zero.
    case socksRefused(UInt8)
    /// What a SOCKS proxy answered is not of its protocol.
    case socksReply
    case `internal`

    /// The status of HTTP; nil: the connection is closed without an answer.
    var status: Int? {
        switch self {
        case .request(let problem): problem.status
        case .clientAuthentication: 407
        case .prohibited: 403
        case .loop: 508
        case .connectionLimit, .exhausted, .draining: 503
        case .nameNotResolved, .originNotResolved, .refused, .unreachable, .terminated, .unsent, .tlsProtocol,
            .tlsCertificate, .authentication, .authenticationLatched, .reply, .socksReply:
            502
        case .nameTimeout, .originTimeout, .connectTimeout, .tlsTimeout, .replyTimeout, .responseTimeout: 504
        case .socksRefused(let code): SOCKSReply.status(of: code)
        case .tunnelRefused(let received): [503, 504, 508].contains(received) ? received : 502
        case .internal: 500
        }
    }

    /// The word in the body and in the log: the error type of RFC 9209, but for what it has none for.
    var word: String {
        switch self {
        case .request: "http_request_error"
        case .clientAuthentication: "client_authentication"
        case .prohibited(let denial): denial.word
        case .loop: "proxy_loop_detected"
        case .connectionLimit, .exhausted: "connection_limit_reached"
        case .draining: "destination_unavailable"
        case .nameNotResolved, .originNotResolved: "dns_error"
        case .nameTimeout, .originTimeout: "dns_timeout"
        case .refused: "connection_refused"
        case .unreachable: "destination_ip_unroutable"
        case .terminated, .unsent: "connection_terminated"
        case .connectTimeout, .tlsTimeout: "connection_timeout"
        case .tlsProtocol: "tls_protocol_error"
        case .tlsCertificate: "tls_certificate_error"
        case .replyTimeout: "connection_read_timeout"
        case .responseTimeout: "http_response_timeout"
        case .authentication, .authenticationLatched: "proxy_configuration_error"
        case .tunnelRefused(503), .tunnelRefused(504): "destination_unavailable"
        case .tunnelRefused(508): "proxy_loop_detected"
        case .tunnelRefused: "http_protocol_error"
        case .reply(.headTooLarge): "http_response_header_section_size"
        case .reply(.transferCoding): "http_response_transfer_coding"
        case .reply(.otherUpgrade): "http_upgrade_failed"
        case .reply, .socksReply: "http_protocol_error"
        case .socksRefused(let code): SOCKSReply.word(of: code)
        case .internal: "proxy_internal_error"
        }
    }

    /// The HTTP status that the upstream answered with, when that is the reason.
    var receivedStatus: Int? {
        switch self {
        case .authentication(let refusal), .authenticationLatched(let refusal): refusal.status
        case .tunnelRefused(let received): received
        case .request, .clientAuthentication, .prohibited, .loop, .connectionLimit, .exhausted, .draining,
            .nameNotResolved, .originNotResolved, .nameTimeout, .originTimeout, .refused, .unreachable,
            .terminated, .unsent, .connectTimeout, .replyTimeout, .responseTimeout, .tlsTimeout, .tlsProtocol,
            .tlsCertificate, .reply, .socksRefused, .socksReply, .internal:
            nil
        }
    }

    /// What the upstream answered in SOCKS, when that is the reason: `socks 2`.
    var socksDetails: String? {
        switch self {
        case .authentication(let refusal), .authenticationLatched(let refusal):
            refusal.status == nil ? refusal.description : nil
        case .socksRefused(let code): "socks \(code)"
        case .request, .clientAuthentication, .prohibited, .loop, .connectionLimit, .exhausted, .draining,
            .nameNotResolved, .originNotResolved, .nameTimeout, .originTimeout, .refused, .unreachable,
            .terminated, .unsent, .connectTimeout, .replyTimeout, .responseTimeout, .tlsTimeout, .tlsProtocol,
            .tlsCertificate, .tunnelRefused, .reply, .socksReply, .internal:
            nil
        }
    }
}
