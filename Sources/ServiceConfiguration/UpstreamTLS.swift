/// How TLS is spoken to an upstream by `https`.
///
/// The contents of its files are part of it: when one has changed, the next load has another upstream.
package struct UpstreamTLS: Sendable {
    /// What is wrong with the contents of the files, as whoever speaks TLS finds out.
    package enum Problem: Error, Hashable, Sendable {
        /// `ca_file` holds no certificates in PEM.
        case authorities
        /// `client_cert` holds no certificates in PEM.
        case certificate
        /// `client_key` holds no private key in PEM, or an encrypted one.
        case key
        /// The key is not the certificate's.
        case pair
        /// The system has no certificates of authorities that can be read, or TLS cannot be set up at all.
        case system
    }

    /// What is shown to an upstream that asks who we are.
    package struct Identity: Hashable, Sendable {
        /// In PEM, the own certificate first.
        package var certificates: [UInt8]
        /// In PEM.
        package var key: Secret

        package init(certificates: [UInt8], key: Secret) {
            self.certificates = certificates
            self.key = key
        }
    }

    /// The certificates of authorities in PEM; nil: those of the system.
    package var authorities: [UInt8]?
    /// The upstream must have the key of one of these; empty: any key will do.
    package var pins: [CertificatePin] = []
    package var identity: Identity?
    /// False: anybody may answer in the name of the upstream.
    package var verifies = true
    /// Asked for, and looked for in the certificate, in place of the host of the URL.
    package var serverName: String?

    package init() {}
}

extension UpstreamTLS: Hashable {
    /// Files are compared, but hashed by their size only: they are long, and hashed for requests.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(authorities?.count)
        hasher.combine(pins)
        hasher.combine(identity?.certificates.count)
        hasher.combine(verifies)
        hasher.combine(serverName)
    }
}
