import NIOSSL
import ServiceConfiguration
import TestSupport

@testable import Services

/// What the tests of upstreams over TLS have in common.
enum TLSRig {
    /// A server's side of TLS.
    static func server(
        certificate: String = TestCertificates.proxy,
        key: String = TestCertificates.proxyKey,
        _ change: (inout TLSConfiguration) throws -> Void = { _ in }
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        try change(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }

    /// One that wants a certificate of the client.
    static func strictServer() throws -> NIOSSLContext {
        try server { configuration in
            configuration.certificateVerification = .noHostnameVerification
            let authority = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8))
            configuration.trustRoots = .certificates(authority)
        }
    }

    /// A bridge to the upstream at `port`, which the test authority has signed.
    static func bridge(
        _ port: Int,
        _ tls: (inout UpstreamTLS) -> Void = { _ in },
        upstream change: (inout UpstreamProxy) -> Void = { _ in }
    ) -> BridgeSettings {
        let credential = Credential(username: Secret("alice"), password: Secret("s3cret"))
        let port = UInt16(port)
        var upstream = UpstreamProxy(id: "tls", scheme: .https, host: "127.0.0.1", port: port, credential: credential)
        var settings = UpstreamTLS()
        settings.authorities = Array(TestCertificates.authority.utf8)
        tls(&settings)
        upstream.tls = settings
        change(&upstream)
        return BridgeSettings(upstream: .proxy(upstream))
    }

    static let identity = UpstreamTLS.Identity(
        certificates: Array(TestCertificates.client.utf8),
        key: Secret(TestCertificates.clientKey)
    )

    static func pin(_ first: UInt8? = nil) -> CertificatePin {
        // As openssl tells it in base64: TestCertificates.proxyPin.
        var digest = SHA256.digest(of: [])
        do {
            let key = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.proxy.utf8))[0].extractPublicKey()
            digest = SHA256.digest(of: try key.toSPKIBytes())
        } catch {
            // The digest of nothing fits nobody.
        }
        if let first { digest[0] = first ^ digest[0] }
        return CertificatePin(digest: digest)
    }
}
