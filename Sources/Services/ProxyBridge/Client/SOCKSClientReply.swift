/// The reply to a SOCKS5 client's request (RFC 1928 6).
enum SOCKSClientReply: UInt8, CaseIterable, Sendable {
    case succeeded = 0
    case generalFailure = 1
    case notAllowed = 2
    case networkUnreachable = 3
    case hostUnreachable = 4
    case refused = 5
    case expired = 6
    case commandNotSupported = 7
    case addressTypeNotSupported = 8

    /// The message; the address that the tunnel is bound to is nobody's business.
    var bytes: [UInt8] { [SOCKSClientReader.version, rawValue, 0, 1, 0, 0, 0, 0, 0, 0] }

    /// The last message for a client that cannot be served, in the stage in which that fails.
    ///
    /// - Returns: nil when none would be understood.
    static func answer(to failure: BridgeFailure) -> [UInt8]? {
        switch failure {
        case .request(.socksMethods): [SOCKSClientReader.version, SOCKSClientReader.noMethod]
        case .clientAuthentication: [SOCKSClientReader.credentialVersion, 1]
        case .request(.headTimeout): nil
        case _: SOCKSClientReply(failure).bytes
        }
    }

    init(_ failure: BridgeFailure) {
        switch failure {
        case .request(.socksCommand): self = .commandNotSupported
        case .request(.socksAddressType): self = .addressTypeNotSupported
        case .loop, .prohibited: self = .notAllowed
        case .unreachable: self = .networkUnreachable
        case .nameNotResolved, .originNotResolved, .nameTimeout, .originTimeout: self = .hostUnreachable
        case .refused: self = .refused
        case .connectTimeout, .tlsTimeout, .replyTimeout, .responseTimeout: self = .expired
        // What the upstream said in the same language is passed on.
        case .socksRefused(let code): self = SOCKSClientReply(rawValue: code) ?? .generalFailure
        case .tunnelRefused(let received):
            switch received {
            case 403, 508: self = .notAllowed
            case 502, 503: self = .hostUnreachable
            case 504: self = .expired
            case _: self = .generalFailure
            }
        case .request, .clientAuthentication, .connectionLimit, .exhausted, .draining, .terminated, .unsent,
            .tlsProtocol, .tlsCertificate, .authentication, .authenticationLatched, .reply, .socksReply, .internal:
            self = .generalFailure
        }
    }
}
