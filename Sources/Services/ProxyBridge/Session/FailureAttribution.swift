/// Who is to blame for a failure; only the first two say something about the health of an upstream.
enum FailureAttribution: String, Hashable, Sendable {
    /// The upstream does not take the credential.
    case upstreamAuth = "upstream_auth"
    /// The upstream itself cannot be reached.
    case upstreamDown = "upstream_down"
    case targetDown = "target_down"
    /// Somebody does not want the destination.
    case policy
    case client
    case bridge
    /// A silent or broken-off upstream may have failed, or its origin: not certain enough to blame anybody.
    case unknown

    /// True for what another upstream would not have met.
    var isUpstreams: Bool {
        switch self {
        case .upstreamAuth, .upstreamDown: true
        case .targetDown, .policy, .client, .bridge, .unknown: false
        }
    }
}

extension BridgeFailure {
    /// Who is to blame.
    ///
    /// - Parameters:
    ///   - upstream: The route of the request.
    ///   - isDialled: The connection to the next hop was there: what is said afterwards is about the origin.
    /// - Returns: The one who could mend it.
    func attribution(on upstream: UpstreamRoute, isDialled: Bool) -> FailureAttribution {
        switch self {
        case .request, .clientAuthentication: .client
        case .loop, .prohibited: .policy
        case .connectionLimit, .exhausted, .draining, .internal: .bridge
        case .originNotResolved, .originTimeout: .targetDown
        case .nameNotResolved, .nameTimeout, .refused, .unreachable, .connectTimeout:
            upstream == .direct || isDialled ? .targetDown : .upstreamDown
        case .authentication, .authenticationLatched: .upstreamAuth
        case .tunnelRefused(let received): received == 403 || received == 508 ? .policy : .targetDown
        case .tlsTimeout, .tlsProtocol, .tlsCertificate: .upstreamDown
        case .socksRefused(let code): code == 2 ? .policy : .targetDown
        case .socksReply, .terminated, .unsent, .replyTimeout, .responseTimeout, .reply:
            upstream == .direct ? .targetDown : .unknown
        }
    }
}
