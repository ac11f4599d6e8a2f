import Testing
import YAML

@Suite(.timeLimit(.minutes(1)))
struct MutationTests {
    private static let good = """
        # A comment with é and 𝄞.
        log: { level: info, format: text }
        upstreams:
          office: { url: "http://proxy.example:3128", password: '${file:/x''y}' }
        services:
          echo: { type: echo, listen: [127.0.0.1:7007, "[::1]:7007"] }
          web:
            type: forward
            listen:
              - 127.0.0.1:8080
              - "unix:/run/\\u00e9.sock"
            x-text: |
              one
              two
        x-folded: >-
          three
          four
        """

    /// Every outcome is a root, or errors with a place inside the text, or nothing for nothing.
    private func expectAnswer(_ bytes: [UInt8]) {
        let document = Document(parsing: bytes)
        let lines = bytes.count { $0 == 0x0a || $0 == 0x0d || $0 == 0x85 || $0 == 0xa8 || $0 == 0xa9 } + 2
        let areInside = document.errors.allSatisfy { error in
            (1...lines).contains(error.position.line) && (1...bytes.count + 1).contains(error.position.column)
        }
        let areSentences = document.errors.allSatisfy { $0.message.hasPrefix("cannot ") && $0.message.contains(": ") }
        let areSorted = zip(document.errors, document.errors.dropFirst()).allSatisfy { $0.position <= $1.position }
        #expect(areInside && areSentences && areSorted, "\(String(decoding: bytes, as: UTF8.self)): \(document.errors)")
        if document.root == nil, document.errors.isEmpty {
            let visible = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(visible.isEmpty)
        }
    }

    @Test
    func `a document cut off at any byte is answered`() {
        let bytes = Array(Self.good.utf8)
        #expect(Document(parsing: bytes).errors.isEmpty)
        for end in bytes.indices { expectAnswer(Array(bytes[..<end])) }
    }

    @Test
    func `a document with any byte replaced is answered`() {
        let bytes = Array(Self.good.utf8)
        for index in bytes.indices {
            for byte in Array("[{\"':-&*!|>%@\t\n ".utf8) + [0x00, 0x80, 0xc3, 0xff] {
                var changed = bytes
                changed[index] = byte
                expectAnswer(changed)
            }
        }
    }

    @Test
    func `a document with any line removed is answered`() {
        let lines = Self.good.split(separator: "\n", omittingEmptySubsequences: false)
        for index in lines.indices {
            var changed = lines
            changed.remove(at: index)
            expectAnswer(Array(changed.joined(separator: "\n").utf8))
        }
    }
}
