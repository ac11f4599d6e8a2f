import ServiceConfiguration

extension BridgeFailure {
    /// The status that the client gets; nil: its connection is closed without an answer.
    func status(in style: BridgeSettings.ErrorStyle) -> Int? {
        switch style {
        case .standard: status
        case .proxyChain: proxyChainStatus
        }
    }

    /// The status that tools around proxy-chain know: 590 to 599 for what the upstream does.
    private var proxyChainStatus: Int? {
        switch self {
        case .loop, .unreachable, .tlsProtocol, .tlsCertificate, .socksReply: 599
        case .socksRefused(let code): SOCKSReply.proxyChainStatus(of: code)
        case .nameNotResolved: 593
        case .originNotResolved: 404
        case .refused: 594
        case .terminated: 595
        case .unsent: 596
        case .authentication, .authenticationLatched: 597
        case .tunnelRefused(508): 599
        case .tunnelRefused: 590
        case .reply(.statusOutOfRange): 592
        case .reply: 599
        case .request, .clientAuthentication, .prohibited, .connectionLimit, .exhausted, .draining,
            .nameTimeout, .originTimeout, .connectTimeout, .tlsTimeout, .replyTimeout, .responseTimeout, .internal:
            status
        }
    }
}
