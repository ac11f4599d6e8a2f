import NIOCore
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeBodyTests {
    /// The decoded body, its trailers and what is left over; nil: malformed.
    private func decode(_ text: String, step: Int) -> String? {
        var reader = BodyReader(.chunked)
        var rest = ByteBuffer()
        var body = ""
        var input = ByteBuffer(string: text)
        do {
            while let slice = input.readSlice(length: min(step, input.readableBytes)), 0 < slice.readableBytes {
                rest.writeImmutableBuffer(slice)
                while let part = try reader.next(&rest) {
                    switch part {
                    case .data(let bytes): body += String(buffer: bytes)
                    case .end(let trailers): body += "|\(trailers.map { String(decoding: $0.line, as: UTF8.self) })"
                    }
                }
            }
        } catch {
            return nil
        }
        return body + "|" + String(buffer: rest)
    }

    @Test(arguments: [
        ("5\r\nhello\r\n0\r\n\r\n", "hello|[]|"), ("0\r\n\r\nnext", "|[]|next"),
        ("1;a=b\r\nx\r\n00\r\n\r\n", "x|[]|"),
        (
            "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\nX: 1\r\n\r\nz",
            "01234567890123456789|[\"X: 1\"]|z"
        ),
        ("3\r\nabc\r\n", "abc|"),
    ])
    func `chunks are taken apart however they are split`(_ text: String, _ expected: String) {
        for step in [1, 2, 3, 1000] { #expect(decode(text, step: step) == expected) }
    }

    @Test(arguments: [
        "5\nhello\r\n", "5\r\nhello\n", "5\r\nhelloX", "\r\n", ";x\r\n", " 5\r\n", "5 \r\n", "0x5\r\n", "+5\r\n",
        "-1\r\n",
        "g\r\n", "5\rhello", "ffffffffffffffff\r\n", "5;" + String(repeating: "x", count: 257) + "\r\n", "5;a\u{1}\r\n",
        "0\r\nX : 1\r\n\r\n", "0\r\nX: 1\n\r\n", "0\r\n folded\r\n\r\n",
        "0\r\nX: " + String(repeating: "x", count: 17_000) + "\r\n\r\n",
    ])
    func `a malformed chunk is refused however it is split`(_ text: String) {
        for step in [1, 7, 100_000] { #expect(decode(text, step: step) == nil) }
    }

    @Test func `a length ends a body and leaves the next message`() throws {
        var reader = BodyReader(.length(3))
        var buffer = ByteBuffer(string: "abcd")
        #expect(try reader.next(&buffer) == .data(ByteBuffer(string: "abc")))
        #expect(try reader.next(&buffer) == .end(trailers: []))
        #expect(reader.isDone)
        #expect(String(buffer: buffer) == "d")
    }

    @Test(arguments: [(BodyFraming.untilClose, true), (.length(1), false), (.chunked, false)])
    func `only a body that ends with its connection is complete at its close`(_ framing: BodyFraming, _ ends: Bool) {
        var reader = BodyReader(framing)
        #expect(reader.close() == ends)
    }

    @Test func `trailers that would change the message are dropped`() {
        let lines = [
            "X-Sum: 1", "Content-Length: 5", "Host: evil", "Transfer-Encoding: chunked", "Set-Cookie: a", "Trailer: b",
            "Authorization: c", "Content-Type: d", "Content-Encoding: e", "Connection: f", "Upgrade: g", "X-Hop: h",
        ]
        let trailers = lines.compactMap { HeadField(line: Array($0.utf8)) }
        #expect(
            String(buffer: HeadWriter.lastChunk(trailers: trailers, nominated: ["x-hop"])) == "0\r\nX-Sum: 1\r\n\r\n"
        )
    }
}
