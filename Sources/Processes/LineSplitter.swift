/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private let isError: Bool
    private var bytes: [UInt8] = []
    private var start = 0
    /// Bytes from `start` on that hold no line feed.
    private var searched = 0

    init(isError: Bool) {
        self.isError = isError
    }

    mutating func append(_ more: some Sequence<UInt8>) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next line that is complete, or too long; at the end of the stream also the last one without a line feed.
    mutating func next(atEnd: Bool) -> ProcessLine? {
        // A line of the greatest length may be followed by a carriage return and a line feed.
        let window = min(bytes.count, start + ProcessLine.limit + 2)
        if let end = bytes[(start + searched)..<window].firstIndex(of: UInt8(ascii: "\n")) {
            let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
            let content = start..<(hasReturn ? end - 1 : end)
            if content.count <= ProcessLine.limit {
                return take(content, next: end + 1, isPart: false)
            }
        }
        searched = window - start
        if searched > ProcessLine.limit, atEnd || searched == ProcessLine.limit + 2 {
            let end = boundary(before: start + ProcessLine.limit)
            return take(start..<end, next: end, isPart: true)
        }
        guard atEnd, start < bytes.count else { return nil }
        return take(start..<bytes.count, next: bytes.count, isPart: false)
    }

    private mutating func take(_ content: Range<Int>, next: Int, isPart: Bool) -> ProcessLine {
        let text = String(decoding: bytes[content], as: UTF8.self)
        start = next
        searched = 0
        return ProcessLine(text: text, isError: isError, isPart: isPart)
    }

    /// The last place up to `end` that is not inside a UTF-8 sequence.
    private func boundary(before end: Int) -> Int {
        let continuation = (0..<3).prefix { bytes[end - $0] & 0xc0 == 0x80 }.count
        return continuation == 3 && bytes[end - 3] & 0xc0 == 0x80 ? end : end - continuation
    }
}
