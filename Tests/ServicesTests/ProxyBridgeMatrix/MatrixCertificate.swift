import NIOSSL

/// The certificate of the upstream over TLS, for `localhost` and 127.0.0.1, valid from 2020 to 2119.
enum MatrixCertificate {
    static let text = """
        -----BEGIN CERTIFICATE-----
        MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjExOTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFkKFOFuUbO15eqf
        HIrBftPlThTxoBdBaCiO8GQiDjzUoJ+o6OMtek7Ij9szFbVHTUvsw+zaiLGzMYjM
        BEjxp9ujTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
        BTADAQH/MB0GA1UdDgQWBBSrqq451hpyptXW0KkOFvwuyfrwizAKBggqhkjOPQQD
        AgNIADBFAiEArYPBfO4ODBmFuy3O9RHlbqshidP+vH7Zj3M5HQNRry8CIAq5r3Qp
        UpNbap+1SbrR84T3NylLoMvxK5DjDEQYCb7D
        -----END CERTIFICATE-----

        """

    /// It guards nothing: its certificate is trusted by tests only.
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyjhU7ajiQQdOIqSL
        Xvn6aV2eaQOI9BHCJSzsCQ8Rpp2hRANCAARZChThblGzteXqnxyKwX7T5U4U8aAX
        QWgojvBkIg481KCfqOjjLXpOyI/bMxW1R01L7MPs2oixszGIzARI8afb
        -----END PRIVATE KEY-----

        """

    static func serverContext() throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
        )
    }
}
