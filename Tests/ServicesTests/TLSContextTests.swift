import NIOSSL
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct TLSContextTests {
    private static func settings(_ change: (inout UpstreamTLS) -> Void) -> UpstreamTLS {
        var settings = UpstreamTLS()
        settings.authorities = Array(TestCertificates.authority.utf8)
        change(&settings)
        return settings
    }

    private static func identity(_ certificate: String, _ key: String) -> UpstreamTLS.Identity {
        UpstreamTLS.Identity(certificates: Array(certificate.utf8), key: Secret(key))
    }

    @Test(
        arguments: [
            (settings { _ in }, nil), (settings { $0.authorities = nil }, nil),
            (settings { $0.authorities = [] }, .authorities),
            (settings { $0.authorities = Array("x".utf8) }, .authorities),
            (settings { $0.authorities = Array(TestCertificates.clientKey.utf8) }, .authorities),
            (settings { $0.identity = identity(TestCertificates.client, TestCertificates.clientKey) }, nil),
            (settings { $0.identity = identity("", TestCertificates.clientKey) }, .certificate),
            (settings { $0.identity = identity(TestCertificates.client, "x") }, .key),
            (settings { $0.identity = identity(TestCertificates.client, TestCertificates.otherKey) }, .pair),
            (
                settings { $0.identity = identity(TestCertificates.client + "\n" + TestCertificates.clientKey, "") },
                .key
            ),
        ] as [(UpstreamTLS, UpstreamTLS.Problem?)]
    )
    func `what cannot be used is known before it is used`(_ settings: UpstreamTLS, _ problem: UpstreamTLS.Problem?) {
        #expect(TLSContexts().problem(with: settings) == problem)
    }

    @Test func `a context is made once for all that need the same, and kept while it is wanted`() throws {
        let contexts = TLSContexts()
        let first = Self.settings { $0.serverName = "a.test" }
        let second = Self.settings { $0.pins = [TLSRig.pin()] }
        let third = Self.settings { $0.verifies = false }
        #expect(try contexts.context(for: first) === contexts.context(for: second))
        #expect(try contexts.context(for: first) !== contexts.context(for: third))
        #expect(contexts.count == 2)
        contexts.keep(only: [third])
        #expect(contexts.count == 1)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `the hash is that of FIPS 180-4`(_ text: String, _ digest: String) {
        let hexadecimal = SHA256.digest(of: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(hexadecimal.joined() == digest)
    }

    @Test func `the pin of a certificate is the one that openssl tells`() {
        #expect(Base64.text(of: TLSRig.pin().digest) == TestCertificates.proxyPin)
    }

    @Test(arguments: [
        ("a.test", "a.test", true), ("*.test", "a.test", true), ("*.test", "b.a.test", false),
        ("*.test", "test", false),
        ("*", "test", false), ("a*.test", "ab.test", false), ("b.test", "a.test", false), ("*.test", ".test", false),
    ])
    func `a certificate's name is the whole name or has one wild label`(_ pattern: String, _ name: String, _ fits: Bool)
    {
        #expect(TLSRoute.matches(pattern, name) == fits)
    }
}
