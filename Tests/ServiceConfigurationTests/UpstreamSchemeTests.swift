import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UpstreamSchemeTests {
    private static let base64 = "sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    private static let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private static func text(_ mapping: String) -> String {
        "upstreams: {u: {\(mapping)}}\nservices: {b: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: u}}"
    }

    private func upstream(_ mapping: String) throws -> UpstreamProxy {
        guard case .proxyBridge(let bridge) = try Reading.only(Self.text(mapping)).kind,
            case .proxy(let proxy) = bridge.upstream
        else {
            throw Reading.Rejected()
        }
        return proxy
    }

    @Test(
        arguments: [
            ("http", .http), ("HTTPS", .https), ("socks5", .socks5), ("socks5h", .socks5h),
        ] as [(String, UpstreamScheme)]
    )
    func `a URL says what is spoken`(word: String, scheme: UpstreamScheme) throws {
        let proxy = try upstream("url: '\(word)://b%C3%B6b:pw@[::1]:1080'")
        #expect(proxy.scheme == scheme)
        #expect(proxy.credential == Credential(username: Secret("böb"), password: Secret("pw")))
        #expect((proxy.tls != nil) == (scheme == .https))
    }

    @Test func `only Basic authentication minds a colon`() throws {
        let proxy = try upstream("url: 'socks5://h:1', username: 'a:b', password: 'c:d'")
        #expect(proxy.credential == Credential(username: Secret("a:b"), password: Secret("c:d")))
    }

    @Test func `TLS has safe defaults`() throws {
        #expect(try upstream("url: 'https://h:1'").tls == UpstreamTLS())
        #expect(UpstreamTLS().verifies)
    }

    @Test func `every key of TLS is read, and files by their content`() throws {
        let keys = "ca_file: ca.pem, client_cert: /tls/cert.pem, client_key: /tls/key.pem, server_name: p.test"
        let tls = try #require(try upstream("url: 'https://h:1', \(keys), pin_sha256: ['\(Self.base64)']").tls)
        #expect(tls.authorities == Array("ca".utf8))
        #expect(tls.identity?.certificates == Array("cert".utf8))
        #expect(tls.identity?.key == Secret("\(Reading.canary) key"))
        #expect(tls.serverName == "p.test")
        #expect(tls.pins.count == 1)
        #expect(!"\(tls)".contains(Reading.canary))
        let blind = try #require(try upstream("url: 'https://h:1', insecure_skip_verify: true").tls)
        #expect(!blind.verifies && blind != UpstreamTLS())
    }

    @Test func `a pin may be written as curl, as openssl or as certificate viewers do`() throws {
        var colons = ""
        for (index, digit) in Self.digits.uppercased().enumerated() {
            colons += (index > 0 && index.isMultiple(of: 2) ? ":" : "") + String(digit)
        }
        let forms = [Self.base64, String(Self.base64.dropFirst(8)), Self.digits, colons]
        let pins = try forms.map { try upstream("url: 'https://h:1', pin_sha256: '\($0)'").tls?.pins ?? [] }
        #expect(pins.allSatisfy { $0 == pins[0] && $0.first?.digest.first == 0xba && $0.first?.digest.last == 0xad })
    }

    @Test func `the keys of other schemes are read`() throws {
        #expect(try upstream("url: 'socks5h://h:1', socks_allow_noauth: true").allowsNoAuthentication)
        #expect(try upstream("url: 'socks5h://h:1'").allowsNoAuthentication == false)
        #expect(try upstream("url: 'https://h:1', plain_via: connect").plainVia == .connect)
        #expect(try upstream("url: 'http://h:1'").plainVia == .forward)
    }

    private static let long = String(repeating: "x", count: 256)

    @Test(arguments: [
        (
            "url: 'http://h:1', ca_file: ca.pem",
            "1:45: cannot use `ca_file` for an upstream by `http`: it is for `https`, remove it"
        ),
        (
            "url: 'socks5://h:1', plain_via: connect",
            "1:49: cannot use `plain_via` for an upstream by `socks5`: it is for `http` or `https`, remove it"
        ),
        (
            "url: 'https://h:1', socks_allow_noauth: false",
            "1:57: cannot use `socks_allow_noauth` for an upstream by `https`: it "
                + "is for `socks5` or `socks5h`, remove it"
        ),
        (
            "url: 'socks5h://h:1', username: a, password: ''",
            "1:62: cannot send a password of no bytes: SOCKS carries 1 to 255, use another"
        ),
        (
            "url: 'socks5h://h:1', username: \(long), password: b",
            "1:49: cannot send a user name of more than 255 bytes: SOCKS carries 1 to 255, use another"
        ),
        ("url: 'socks5h://a%0a:b@h:1'", "1:22: cannot send a user name with a line break or NUL: remove it"),
        (
            "url: 'https://a%3ab:c@h:1'",
            "1:22: cannot send a user name with a colon: Basic authentication has no way to, use another"
        ),
        (
            "url: 'socks4://h:1'",
            "1:22: cannot use the scheme of this URL: write an upstream as `http://HOST:PORT`, "
                + "or with `http`, `https`, `socks5` or `socks5h`"
        ),
        (
            "url: 'https://h:1', ca_file: no.pem",
            "1:46: cannot read the file `no.pem`: no such file or directory; make it readable or correct the path"
        ),
        (
            "url: 'https://h:1', ca_file: /tls/large.pem",
            "1:46: cannot read the file `/tls/large.pem`: larger than 1 MiB; make it readable or correct the path"
        ),
        (
            "url: 'https://h:1', ca_file: ca.pem, insecure_skip_verify: true",
            "1:46: cannot use authorities for certificates that nobody verifies: "
                + "remove `ca_file` or `insecure_skip_verify`"
        ),
        (
            "url: 'https://h:1', pin_sha256: abc",
            "1:49: cannot use `abc` as a pin: write the SHA-256 of the public key "
                + "as `sha256//BASE64` or 64 hexadecimal digits"
        ),
        (
            "url: 'https://h:1', server_name: 127.0.0.1",
            "1:50: cannot use `127.0.0.1` as the name of a server: write a host name"
        ),
        (
            "url: 'https://h:1', client_cert: /tls/cert.pem",
            "1:50: cannot use a client's certificate without its key: add `client_key`, which may be the same file"
        ),
        (
            "url: 'https://h:1', client_key: /tls/key.pem",
            "1:49: cannot use a client's key without its certificate: add `client_cert`"
        ),
        (
            "url: 'https://h:1', ca_file: /tls/broken.pem",
            "1:46: cannot use this file of authorities: it must hold certificates in PEM; correct it"
        ),
        (
            "url: 'https://h:1', client_cert: /tls/broken.pem, client_key: /tls/key.pem",
            "1:50: cannot use this certificate: it must be in PEM; correct it"
        ),
        (
            "url: 'https://h:1', client_cert: /tls/cert.pem, client_key: /tls/broken.pem",
            "1:77: cannot use this key: it must be an unencrypted private key in PEM; correct it"
        ),
        (
            "url: 'https://h:1', client_cert: /tls/cert.pem, client_key: /tls/cert.pem",
            "1:77: cannot use this key: it belongs to another certificate than `client_cert`; correct it"
        ),
        (
            "url: 'https://h:1', server_name: nowhere.test",
            "1:22: cannot speak TLS: the system's certificates cannot be read; "
                + "install ca-certificates or add `ca_file`"
        ),
        (
            "url: 'https://h:1', client_cert: /tls/cert.pem, client_key: '-----BEGIN KEY----- \(Reading.canary)'",
            "1:77: cannot read this file: no such file or directory; make it readable or correct the path"
        ),
    ])
    func `what does not fit is reported where it stands`(mapping: String, diagnostic: String) {
        #expect(Reading.diagnostics(Self.text(mapping)) == [diagnostic])
    }

    @Test func `a pool has no TLS of its own`() {
        let text = """
            pools: {p: {members: [{url: 'https://h:1'}]}}
            services: {b: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: {pool: p, ca_file: ca.pem}}}
            """
        let diagnostics = Reading.diagnostics(text)
        #expect(diagnostics == ["2:86: cannot use `ca_file` for a pool: each member has its own, remove this one"])
    }
}
