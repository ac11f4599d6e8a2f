import NIOCore
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeResponseHeadTests {
    private func read(_ text: String) throws(ResponseProblem) -> ResponseHead? {
        var buffer = ByteBuffer(string: text)
        var reader = ResponseHeadReader()
        return try reader.read(&buffer)
    }

    private func outcome(_ text: String, bytewise: Bool) -> String {
        var reader = ResponseHeadReader()
        do throws(ResponseProblem) {
            for part in bytewise ? text.utf8.map({ [$0] }) : [Array(text.utf8)] {
                var buffer = ByteBuffer(bytes: part)
                if let head = try reader.read(&buffer) { return "\(head)" }
            }
            return "incomplete"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.0 404\r\n\r\n", "HTTP/1.1 200 \r\n\r\n", "SSH-2.0-x\r\n",
        "HTTP/1.1 20", "HTTP/1.1 099 x\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n",
    ])
    func `a head is the same however its bytes are split`(_ text: String) {
        #expect(outcome(text, bytewise: true) == outcome(text, bytewise: false))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.0 407\r\n\r\n", 407), ("HTTP/1.1 999 \r\n\r\n", 999),
        ("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n", 100),
    ])
    func `a status is read`(_ text: String, _ status: Int) throws {
        #expect(try read(text)?.status == status)
    }

    @Test(arguments: [
        ("SSH-2.0", ResponseProblem.notHTTP), ("\u{15}\u{3}", .notHTTP), ("HTTP/2 200", .notHTTP),
        ("HTTP/1.1 099 x\r\n\r\n", .statusOutOfRange), ("HTTP/1.1 2000 x\r\n\r\n", .statusOutOfRange),
        ("HTTP/1.1  200\r\n\r\n", .notHTTP),
        ("HTTP/1.1 20\r\n\r\n", .statusOutOfRange), ("HTTP/1.1 200 OK\r\nA : b\r\n", .malformedHead),
        ("HTTP/1.1 200 OK\nA: b\n", .notHTTP),
        ("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000), .headTooLarge),
        ("HTTP/1.1 200 " + String(repeating: "x", count: 17_000), .headTooLarge),
    ])
    func `what is no reply is recognised at once`(_ text: String, _ problem: ResponseProblem) {
        #expect(throws: problem) { try read(text) }
    }

    @Test func `eight informational replies are enough`() throws {
        var reader = ResponseHeadReader()
        for _ in 1...8 {
            var buffer = ByteBuffer(string: "HTTP/1.1 103 Early\r\n\r\n")
            #expect(try reader.read(&buffer)?.status == 103)
        }
        var buffer = ByteBuffer(string: "HTTP/1.1 103 Early\r\n\r\n")
        #expect(throws: ResponseProblem.tooManyInformational) { try reader.read(&buffer) }
    }

    @Test(arguments: [
        ("GET", 200, "Content-Length: 5\r\n", BodyFraming.length(5)), ("GET", 200, "", .untilClose),
        ("GET", 200, "Transfer-Encoding: chunked\r\n", .chunked),
        ("GET", 200, "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n", .chunked),
        ("HEAD", 200, "Content-Length: 5\r\n", .none), ("GET", 204, "Content-Length: 5\r\n", .none),
        ("GET", 304, "Content-Length: 5\r\n", .none), ("GET", 103, "", .none),
        ("CONNECT", 204, "Transfer-Encoding: chunked\r\n", .none), ("GET", 200, "Content-Length: 5, 5\r\n", .length(5)),
    ])
    func `the end of a body is known by RFC 9112`(
        _ method: String,
        _ status: Int,
        _ fields: String,
        _ framing: BodyFraming
    ) throws {
        let head = try #require(try read("HTTP/1.1 \(status) X\r\n\(fields)\r\n"))
        let decided = try BodyFraming.ofResponse(
            head.fields,
            status: head.status,
            minorVersion: head.minorVersion,
            toMethod: method
        )
        #expect(decided == framing)
    }

    @Test(arguments: [
        ("HTTP/1.1", "Content-Length: 5, 6\r\n", ResponseProblem.contentLength),
        ("HTTP/1.1", "Transfer-Encoding: gzip\r\n", .transferCoding),
        ("HTTP/1.0", "Transfer-Encoding: chunked\r\n", .transferCoding),
    ])
    func `a body without a certain end is refused`(_ version: String, _ fields: String, _ why: ResponseProblem) throws {
        let head = try #require(try read("\(version) 200 X\r\n\(fields)\r\n"))
        #expect(throws: why) {
            try BodyFraming.ofResponse(
                head.fields,
                status: head.status,
                minorVersion: head.minorVersion,
                toMethod: "GET"
            )
        }
        guard why == .contentLength else { return }
        #expect(throws: why, "a HEAD tells the length of what a GET would get") {
            try BodyFraming.ofResponse(
                head.fields,
                status: head.status,
                minorVersion: head.minorVersion,
                toMethod: "HEAD"
            )
        }
    }

    @Test(arguments: [(BodyFraming.chunked, true), (.length(3), false), (.untilClose, false), (.none, false)])
    func `trailers are announced where they can follow`(_ framing: BodyFraming, _ isKept: Bool) throws {
        let head = try #require(try read("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"))
        let delivery = ResponseDelivery(framing: framing, keepsLength: false, connection: nil)
        #expect(String(buffer: HeadWriter.response(head, delivery: delivery)).contains("Trailer: X-Sum\r\n") == isKept)
    }

    @Test func `a response loses what concerns one hop and keeps the rest`() throws {
        let head = try #require(
            try read(
                "HTTP/1.1 200 Fine\r\nSet-Cookie: a\r\nConnection: X-Hop, Content-Length\r\nX-Hop: 1\r\n"
                    + "Proxy-Authenticate: Basic\r\nKeep-Alive: 5\r\nset-cookie: b\r\nContent-Length: 3\r\n\r\n"
            )
        )
        let delivery = ResponseDelivery(framing: .length(3), keepsLength: true, connection: nil)
        #expect(
            String(buffer: HeadWriter.response(head, delivery: delivery))
                == "HTTP/1.1 200 Fine\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 3\r\n\r\n"
        )
    }
}
