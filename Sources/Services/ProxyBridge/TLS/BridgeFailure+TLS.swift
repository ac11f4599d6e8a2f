import NIOSSL

extension BridgeFailure {
    /// The row of the failure table for what ends a handshake.
    init(tls error: any Error) {
        self = Self.isAboutCertificate(error) ? .tlsCertificate : .tlsProtocol
    }

    /// Why nothing more comes on a connection that met `error`.
    ///
    /// With TLS 1.3 a refused certificate of ours is told after the handshake.
    init(cutBy error: any Error) {
        switch error {
        case is BoringSSLError: self = .tlsProtocol
        default: self = .terminated
        }
    }

    private static func isAboutCertificate(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.handshakeFailed(let reason):
            // The library tells its reasons as text only.
            "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
        case NIOSSLError.noCertificateToValidate, NIOSSLError.unableToValidateCertificate, NIOSSLError.cannotFindPeerIP:
            true
        case let error as NIOSSLExtraError:
            error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
        default: false
        }
    }
}
