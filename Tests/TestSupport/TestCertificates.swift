/// Certificates for tests only, good for a hundred years; their keys are no secret, so nobody may trust them.
///
/// Made with `openssl req -x509`, `openssl x509 -req` and curve prime256v1.
package enum TestCertificates {
    /// Has signed the others.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUWXlP+zgLuX3lQtU8MATyeB9rxQowCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI3WhgPMjEy
        NjExMDQwNjExMjdaMBkxFzAVBgNVBAMMDlRlc3QgQXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAE/ruM3JrLxyaeWpsOwxtzePBjMnvfHmwR8jyGVrrx
        /gIF/2jflIQEcNwfbvopJ2CeogutqwhTPcr72uddTu/ltqNjMGEwHQYDVR0OBBYE
        FKdCFqmKoAqglmYPx38+beELE1toMB8GA1UdIwQYMBaAFKdCFqmKoAqglmYPx38+
        beELE1toMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
        BAMCA0gAMEUCIFb2wZOwnunNjuj0rLIiSCWuAKQ2LrKQltqVzaeVXYCpAiEAyfr+
        C/4yq0uxWRApBpbqhVT9kkfF1yARCUm9nGXH/qQ=
        -----END CERTIFICATE-----
        """

    /// For proxy.test, localhost and 127.0.0.1.
    package static let proxy = """
        -----BEGIN CERTIFICATE-----
        MIIBoTCCAUigAwIBAgIUQkT9Aww6nTqmkYPh66mz3rWtLhcwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI4WhgPMjEy
        NjExMDQwNjExMjhaMBAxDjAMBgNVBAMMBXByb3h5MFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAEbXpC9TUwfXO0lXE5/FAkT3/9opBrqy6PajTvQWq47ga9CGS54RXo
        It6XL7MO0L5cg6VgNrqyB5ht55848OwtVqN1MHMwJgYDVR0RBB8wHYIKcHJveHku
        dGVzdIIJbG9jYWxob3N0hwR/AAABMAkGA1UdEwQCMAAwHQYDVR0OBBYEFBwLeTee
        4FEnVmtGR7DyhBvG0xllMB8GA1UdIwQYMBaAFKdCFqmKoAqglmYPx38+beELE1to
        MAoGCCqGSM49BAMCA0cAMEQCIEUvLorm40tlT8mFjzfISohkUmvJo27qKH9UaLzz
        NzjUAiBDHRJRbORy3RsHtlO7bREw0xtd55OiTCdW0pn4M96SpA==
        -----END CERTIFICATE-----
        """

    /// The key of `proxy`.
    package static let proxyKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3KcYCzjHLLq+wv58
        1WgqCnrmUeFxLfw5fAPMuF1CP5uhRANCAARtekL1NTB9c7SVcTn8UCRPf/2ikGur
        Lo9qNO9BarjuBr0IZLnhFegi3pcvsw7QvlyDpWA2urIHmG3nnzjw7C1W
        -----END PRIVATE KEY-----
        """

    /// The base64 of the SHA-256 of the public key of `proxy`, as openssl tells it.
    package static let proxyPin = "Bma8QzuaDn6NxNp4IbKgRgvE/EHNXDbJi+pjl3a4xqg="

    /// For other.test.
    package static let other = """
        -----BEGIN CERTIFICATE-----
        MIIBkjCCATegAwIBAgIUQkT9Aww6nTqmkYPh66mz3rWtLhgwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI4WhgPMjEy
        NjExMDQwNjExMjhaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAE0IZW2G5j7Ff3effkcxnZYdrP8pGna/HAGdoQ00oAZmlVVWOvBmuB
        mZBYCFfYsutp0VsTSajiJBI3kH6YNJMWaKNkMGIwFQYDVR0RBA4wDIIKb3RoZXIu
        dGVzdDAJBgNVHRMEAjAAMB0GA1UdDgQWBBRA3ITbmwthV9fmBBNxfuioagQIuTAf
        BgNVHSMEGDAWgBSnQhapiqAKoJZmD8d/Pm3hCxNbaDAKBggqhkjOPQQDAgNJADBG
        AiEAlwtNbAS4bmg8L/HlR2eL0yFMuPu0DjNL9jgbGhwFLrACIQClyncX9Phq8oF9
        29U8BbbXlUs77SUIy6PosRtT7gYx+g==
        -----END CERTIFICATE-----
        """

    /// The key of `other`.
    package static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbUfv601GTHfbdYF+
        ByBp+t+dGJxpX0xX5z+17GgNz1KhRANCAATQhlbYbmPsV/d59+RzGdlh2s/ykadr
        8cAZ2hDTSgBmaVVVY68Ga4GZkFgIV9iy62nRWxNJqOIkEjeQfpg0kxZo
        -----END PRIVATE KEY-----
        """

    /// Shown by a client.
    package static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBkjCCATmgAwIBAgIUQkT9Aww6nTqmkYPh66mz3rWtLhkwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjYxMTI4MDYxMTI4WhgPMjEy
        NjExMDQwNjExMjhaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABGtzsNvf94HUnLgyB/l6sm+wqZIkz+eACvAXFxDPG9JyFQqhefRk
        oPZBVaxn8oGUiHU0QPJl9SZrP0IzXSkPnfGjZTBjMBYGA1UdEQQPMA2CC2NsaWVu
        dC50ZXN0MAkGA1UdEwQCMAAwHQYDVR0OBBYEFM+6i3JI5Nsc1/u8RQzPXJhdDOEy
        MB8GA1UdIwQYMBaAFKdCFqmKoAqglmYPx38+beELE1toMAoGCCqGSM49BAMCA0cA
        MEQCID7zj+PWdRp06xM8XTLU4U+qNOovOASoMliPOjVnZ1GZAiB/yrjXpPmQBANP
        deCuARbj4lQsUnyTeeX6aDaocf/Jfw==
        -----END CERTIFICATE-----
        """

    /// The key of `client`.
    package static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOAXvuwbJDLAjVOaJ
        9YCU7KPw+fadDwtynNyoJMWCfBGhRANCAARrc7Db3/eB1Jy4Mgf5erJvsKmSJM/n
        gArwFxcQzxvSchUKoXn0ZKD2QVWsZ/KBlIh1NEDyZfUmaz9CM10pD53x
        -----END PRIVATE KEY-----
        """

    /// Signed by itself with `proxyKey`, for localhost and 127.0.0.1; its time ended in January 2020.
    package static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASSgAwIBAgIUHL9K0bcuWdMVLZlc19Eod+PZtVMwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEc2VsZjAeFw0yMDAxMDEwMDAwMDBaFw0yMDAxMDIwMDAwMDBa
        MA8xDTALBgNVBAMMBHNlbGYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARtekL1
        NTB9c7SVcTn8UCRPf/2ikGurLo9qNO9BarjuBr0IZLnhFegi3pcvsw7QvlyDpWA2
        urIHmG3nnzjw7C1Wo14wXDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDwYD
        VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAoQwHQYDVR0OBBYEFBwLeTee4FEn
        VmtGR7DyhBvG0xllMAoGCCqGSM49BAMCA0gAMEUCIGHkx5Kts/UJQ10avTlEUTVp
        eiKok/wywYJY8hrcvUQbAiEAlydsKfaSl/d1Z0Brv5t9WEP5bnGH4Y19wJxmiDGI
        3wQ=
        -----END CERTIFICATE-----
        """

    /// The same with another hundred years.
    package static let lasting = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASagAwIBAgIUPACMfIABjWPuKyYvava2mo1YIrUwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEc2VsZjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowDzENMAsGA1UEAwwEc2VsZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG16
        QvU1MH1ztJVxOfxQJE9//aKQa6suj2o070FquO4GvQhkueEV6CLely+zDtC+XIOl
        YDa6sgeYbeefOPDsLVajXjBcMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAP
        BgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQUHAt5N57g
        USdWa0ZHsPKEG8bTGWUwCgYIKoZIzj0EAwIDSAAwRQIhAIUe0hDRDshxfL6J+Gdh
        JoBPJWKYmX7/4kQkW0rO+KeZAiABpXeUoyXSJ7bwV1hJ41Vb9IyeNR4fzbNtykaH
        fOUWIA==
        -----END CERTIFICATE-----
        """
}
