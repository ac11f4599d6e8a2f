import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

/// A head with the fields of an ordinary request.
private func get(_ fields: String, target: String = "http://a.test/", version: String = "HTTP/1.1") -> String {
    "GET \(target) \(version)\r\nHost: a.test\r\n\(fields)\r\n"
}

private func read(_ text: String) throws(RequestProblem) -> RequestHead? {
    var buffer = ByteBuffer(string: text)
    var reader = RequestHeadReader()
    return try reader.read(&buffer)
}

/// Feeds one byte at a time, as an unlucky network would.
private func readBytewise(_ text: String) throws(RequestProblem) -> RequestHead? {
    var reader = RequestHeadReader()
    for byte in text.utf8 {
        var buffer = ByteBuffer(bytes: [byte])
        if let head = try reader.read(&buffer) { return head }
    }
    return nil
}

private func outcome(_ read: (String) throws(RequestProblem) -> RequestHead?, _ text: String) -> String {
    do throws(RequestProblem) {
        return "\(String(describing: try read(text)))"
    } catch {
        return "\(error)"
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeRequestHeadTests {
    static let refused: [(String, RequestProblem)] = [
        ("GET http://a.test/ HTTP/1.1\nHost: a.test\r\n\r\n", .controlByte),
        ("GET http://a.test/ HTTP/1.1\r\nHost: a.test\n\r\n", .controlByte),
        (get("X: a\0b\r\n"), .controlByte),
        (get("X: a\rb\r\n"), .controlByte),
        (get("X: a\u{1}b\r\n"), .controlByte),
        (get("X: a\u{7f}b\r\n"), .controlByte),
        (get("X : a\r\n"), .malformedField),
        (get("X\r\n"), .malformedField),
        (get(": a\r\n"), .malformedField),
        (get("X: a\r\n b\r\n"), .foldedField),
        ("GET http://a.test/ HTTP/1.1\r\n Host: a.test\r\n\r\n", .foldedField),
        (get("", version: "HTTP/2.0"), .unsupportedVersion),
        (get("", version: "HTTP/1.2"), .unsupportedVersion),
        (get("", version: "http/1.1"), .malformedLine),
        (get("", version: "HTTP/1.10"), .malformedLine),
        ("PRI * HTTP/2.0\r\n\r\n", .unsupportedVersion),
        ("GET  http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", .malformedLine),
        ("GET http://a.test/\r\nHost: a.test\r\n\r\n", .malformedLine),
        ("G(T http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", .malformedLine),
        ("GET http://a.test/\tHTTP/1.1\r\nHost: a.test\r\n\r\n", .malformedLine),
        (get("Host: b.test\r\n"), .hostCount),
        ("GET http://a.test/ HTTP/1.1\r\n\r\n", .hostCount),
        ("CONNECT a.test:443 HTTP/1.1\r\n\r\n", .hostCount),
        (get("", target: "/"), .notAProxyRequest),
        ("OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n", .notAProxyRequest),
        ("TRACE http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", .traceRefused),
        (get("", target: "ftp://a.test/"), .unsupportedScheme),
        (get("", target: "https://a.test/"), .unsupportedScheme),
        (get("", target: "a.test"), .malformedTarget),
        (get("", target: "http:///x"), .malformedTarget),
        (get("", target: "http://a.test:0/"), .malformedTarget),
        (get("", target: "http://a.test:65536/"), .malformedTarget),
        (get("", target: "http://[::1/"), .malformedTarget),
        (get("", target: "http://a%00.test/"), .malformedTarget),
        (get("", target: "http://localhost../"), .malformedTarget),
        (get("", target: "http://127.0.0.1../"), .malformedTarget),
        (get("", target: "http://.a.test/"), .malformedTarget),
        (get("", target: "http://a..test/"), .malformedTarget), (get("", target: "http://./"), .malformedTarget),
        (get("", target: "http://\(String(repeating: "a", count: 64)).test/"), .malformedTarget),
        (get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), .lengthWithTransferCoding),
        (get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), .lengthWithTransferCoding),
        (get("Content-Length: 1\r\nContent-Length: 2\r\n"), .contentLength),
        (get("Content-Length: 1, 2\r\n"), .contentLength),
        (get("Content-Length: 1,\r\n"), .contentLength),
        (get("Content-Length: +1\r\n"), .contentLength),
        (get("Content-Length: 0x1\r\n"), .contentLength),
        (get("Content-Length: 1 1\r\n"), .contentLength),
        (get("Content-Length:\r\n"), .contentLength),
        (get("Content-Length: 9223372036854775808\r\n"), .contentLength),
        (get("Transfer-Encoding: gzip, chunked\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: chunked, gzip\r\n"), .transferCoding),
        (get("Transfer-Encoding: chunked, chunked\r\n"), .transferCoding),
        (get("Transfer-Encoding: identity\r\n"), .transferCoding),
        (get("Transfer-Encoding:\r\n"), .transferCoding),
        (get("Transfer-Encoding: \"chunked\"\r\n"), .transferCoding),
        (get("Transfer-Encoding: chunked\r\n", version: "HTTP/1.0"), .transferCoding),
        (get("Connection: close, Host\r\n"), .nominatedField),
        (get("Connection: a b\r\n"), .connectionValue),
        (get("Connection: close, \"x\"\r\n"), .connectionValue),
        (get("", target: "http://a.test\\b/"), .malformedTarget),
        (get("", target: "http://a.test\\@b.test/"), .malformedTarget),
        (get("", target: "http://b.test/\\a"), .malformedTarget),
        (get("", target: "http://u@a.test@b.test/"), .malformedTarget),
        (get("", target: "http://u|p@b.test/"), .malformedTarget),
        (get("", target: "http://\u{e9}@b.test/"), .malformedTarget),
        ("GET http://a.test/ HTTP/1.1\r\nHost: a b\r\n\r\n", .hostValue),
        ("GET http://a.test/ HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostValue),
        ("GET http://a.test/ HTTP/1.1\r\nHost:\r\n\r\n", .hostValue),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n", .hostCount),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n b\r\n\r\n", .foldedField),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost : a.test\r\n\r\n", .malformedField),
        (get("Connection: content-length\r\nContent-Length: 0\r\n"), .nominatedField),
        (get("Connection: Transfer-Encoding\r\n"), .nominatedField),
        (get("Connection: Authorization\r\n"), .nominatedField),
        (get("Connection: Cookie\r\n"), .nominatedField),
        (get("Connection: x\r\nConnection: Content-Type\r\n"), .nominatedField),
        (get("Connection: CACHE-CONTROL\r\n"), .nominatedField),
        ("\u{16}\u{3}\u{1}", .tlsOnPlainListener),
        ("\u{4}\u{1}", .socks4), ("\u{5}\u{1}\0", .controlByte),
        ("GET http://a.test/" + String(repeating: "x", count: 16 * 1024), .lineTooLong),
        (get("X: " + String(repeating: "x", count: 64 * 1024) + "\r\n"), .headTooLarge),
        (get(String(repeating: "X: y\r\n", count: 256)), .tooManyFields),
    ]

    @Test(arguments: refused)
    func `a request that two parsers could understand differently is refused`(_ text: String, _ why: RequestProblem) {
        #expect(throws: why) { try read(text) }
    }

    @Test(
        arguments: refused.map(\.0) + [
            get("A: 1\r\nb:  2 \r\n"), get("Content-Length: 5, 5\r\nContent-Length: 5\r\n"), "\r\n" + get(""),
            "CONNECT [::1]:443 HTTP/1.0\r\n\r\n", get("", target: "http://u:p@A.test?q#f"), "GET http://a",
        ]
    )
    func `a head is the same however its bytes are split`(_ text: String) {
        #expect(outcome(read, text) == outcome(readBytewise, text))
    }

    @Test(arguments: [
        (RequestProblem.lineTooLong, 414), (.headTooLarge, 431), (.tooManyFields, 431), (.unknownTransferCoding, 501),
        (.unsupportedVersion, 505), (.traceRefused, 405), (.headTimeout, 408), (.nominatedField, 400),
        (.bodyTimeout, 408), (.hostValue, 400), (.connectionValue, 400),
    ])
    func `each problem has its status`(_ problem: RequestProblem, _ status: Int) {
        #expect(problem.status == status)
    }

    @Test(arguments: [
        ("http://a.test", "a.test:80", "/"), ("http://a.test:8080/x?y#z", "a.test:8080", "/x?y"),
        ("HTTP://A.test?q", "A.test:80", "/?q"), ("ws://a.test/s", "a.test:80", "/s"),
        ("http://user:pass@a.test:81/x@y", "a.test:81", "/x@y"), ("http://[2001:db8::1]:82/", "[2001:db8::1]:82", "/"),
        ("http://a.test:/", "a.test:80", "/"),
    ])
    func `an absolute target names host, port and path`(_ target: String, _ authority: String, _ path: String) throws {
        let head = try #require(try read(get("", target: target)))
        guard case .resource(let parsed, let bytes) = head.target else {
            Issue.record("not a resource")
            return
        }
        #expect(parsed.description == authority)
        #expect(String(decoding: bytes, as: UTF8.self) == path)
    }

    @Test(arguments: ["b.test:1", "a.test:x", "a b", "http://a.test/", "", "a.test, b.test", "[::1"])
    func `whatever the Host of a tunnel says, its target is what counts`(_ host: String) throws {
        let head = try read("CONNECT a.test:443 HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(head?.target == .tunnel(Authority(host: "a.test", port: 443)))
    }

    @Test(arguments: [
        "a.test", "a.test:", "a.test:0", "a.test:65536", "a.test:+80", "/", "http://a.test:80", "u@a.test:80",
        "a.test:80/", "a test:80", "[::1]", "::1:80", "[a.test]:80", "[::1%25lo]:80", ":80", "a#b:80", "a%00:80",
    ])
    func `a tunnel needs exactly a host and a port`(_ target: String) {
        #expect(Authority(target.utf8) == nil)
    }

    @Test(arguments: [
        ("a.test:1", "a.test:1"), ("[::1]:65535", "[::1]:65535"), ("127.0.0.1:443", "127.0.0.1:443"),
        ("0x7f.1:80", "127.0.0.1:80"), ("0127.0.0.1:80", "87.0.0.1:80"), ("127.0.0.1.:80", "127.0.0.1:80"),
        ("2130706433:80", "127.0.0.1:80"), ("A.test.:80", "A.test.:80"), ("1.2.3.4.5:80", "1.2.3.4.5:80"),
    ])
    func `a tunnel's target is parsed`(_ target: String, _ text: String) {
        #expect(Authority(target.utf8)?.description == text)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true), ("HTTP/1.0", "Proxy-Connection: keep-alive\r\n", true),
        ("HTTP/1.1", "Proxy-Connection: close\r\n", false),
    ])
    func `a connection is kept as its client wishes`(_ version: String, _ fields: String, _ keeps: Bool) throws {
        #expect(try #require(try read(get(fields, version: version))).keepsAlive == keeps)
    }

    @Test func `what follows a head stays in the buffer`() throws {
        var buffer = ByteBuffer(string: get("") + "rest")
        var reader = RequestHeadReader()
        #expect(try reader.read(&buffer) != nil)
        #expect(String(buffer: buffer) == "rest")
    }

    @Test func `a request for an origin keeps order and case and loses what concerns one hop`() throws {
        let head = try #require(
            try read(
                "POST http://u:p@a.test:81/x HTTP/1.1\r\nX-One:  1\r\nHOST: evil\r\nx-ONE: 2\r\n"
                    + "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: Basic leak\r\n"
                    + "Proxy-Connection: keep-alive\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
                    + "Content-Length: 2, 2\r\nCookie: a\u{e9}\r\nKeep-Alive: 5\r\n\r\n"
            )
        )
        guard case .resource(_, let path) = head.target else { return }
        #expect(
            String(buffer: HeadWriter.request(head, path: path, toProxy: nil))
                == "POST /x HTTP/1.1\r\nX-One:  1\r\nHOST: a.test:81\r\nx-ONE: 2\r\nContent-Length: 2\r\n"
                + "Cookie: a\u{e9}\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n", "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n"),
        ("Trailer: X-Sum\r\nContent-Length: 1\r\n", "Content-Length: 1\r\n"),
        ("Proxy-Authentication-Info: x\r\nProxy-Authenticate: x\r\nVia: 1.1 x\r\n", "Via: 1.1 x\r\n"),
        ("Connection: TE, keep-alive\r\nTE: trailers\r\nExpect: 100-continue\r\n", "Expect: 100-continue\r\n"),
        ("X-Forwarded-For: a\r\nForwarded: b\r\n", "X-Forwarded-For: a\r\nForwarded: b\r\n"),
    ])
    func `a field is forwarded when it concerns the message`(_ fields: String, _ forwarded: String) throws {
        let head = try #require(try read(get(fields)))
        let text = String(buffer: HeadWriter.request(head, path: [0x2f], toProxy: nil))
        #expect(text == "GET / HTTP/1.1\r\nHost: a.test\r\n\(forwarded)\r\n")
    }

    @Test func `a request for a proxy is absolute and carries the credential`() throws {
        let head = try #require(try read(get("Transfer-Encoding: chunked\r\n", target: "http://u:p@a.test")))
        let credential = ProxyCredential(.init(username: .init("alice"), password: .init("s3cret:p@ss")))
        let text = String(buffer: HeadWriter.request(head, path: [0x2f], toProxy: ProxyHop(credential: credential)))
        #expect(
            text == "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n"
                + "Proxy-Authorization: Basic YWxpY2U6czNjcmV0OnBAc3M=\r\n\r\n"
        )
        #expect(!"\(credential)".contains("YWxp"))
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func `base64 is that of RFC 4648`(_ text: String, _ encoded: String) {
        #expect(Base64.text(of: Array(text.utf8)) == encoded)
    }
}
