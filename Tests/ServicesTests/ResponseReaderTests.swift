import Services
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ResponseReaderTests {
    /// Parses in pieces of `size` bytes; nil when it is no response or not complete.
    private static func body(_ text: String, pieces size: Int, ends: Bool = true) -> String? {
        var reader = ResponseReader()
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        do {
            while !rest.isEmpty {
                body += try reader.take(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            if ends { try reader.end() }
        } catch {
            return nil
        }
        return reader.isDone ? String(decoding: body, as: UTF8.self) : nil
    }

    static let whole = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello",
        "HTTP/1.0 503 No\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ]

    @Test(arguments: whole, [1, 2, 3, 7, 1_000])
    func `a response is the same in whatever pieces it comes`(text: String, size: Int) {
        #expect(Self.body(text, pieces: size) == "hello")
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhe", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
    ])
    func `what is no whole response is not taken for one`(text: String) {
        #expect(Self.body(text, pieces: 1) == nil)
        #expect(Self.body(text, pieces: 1_000) == nil)
    }

    @Test func `a head without end is given up`() {
        let field = String(repeating: "a", count: 1_000) + ": b\r\n"
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 20)
        #expect(Self.body(head + "Content-Length: 0\r\n\r\n", pieces: 500) == nil)
        #expect(Self.body("HTTP/1.1 200 " + String(repeating: "x", count: 20_000) + "\r\n\r\n", pieces: 500) == nil)
    }

    @Test func `a response that the end of the connection ends is complete only then`() {
        #expect(Self.body("HTTP/1.1 200 OK\r\n\r\nhello", pieces: 4, ends: false) == nil)
        #expect(Self.body("HTTP/1.1 200 OK\r\n\r\nhello", pieces: 4) == "hello")
    }
}
