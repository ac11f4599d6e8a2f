/// Finds the tabs of a text that are neither in a comment nor in a quoted text or a text block.
///
/// libyaml takes tabs for spaces in most places between tokens; the events say where tokens are, in the order of the
/// text, and what lies between them is white space, punctuation and comments.
struct TabSearch {
    private let bytes: [UInt8]
    /// Where the search has come to, in bytes and in code points.
    private var offset = 0
    private var index = 0
    private var isInComment = false
    private var hasTabOnLine = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The offsets of the tabs before the end of an event, the first of each line.
    mutating func tabs(through event: Event) -> [Int] {
        var tabs: [Int] = []
        search(upTo: event.span.lowerBound, in: &tabs)
        guard case .scalar = event.kind else { return tabs }
        isInComment = false
        switch event.form {
        case .plain: search(upTo: event.span.upperBound, in: &tabs)
        case .quoted: skip(upTo: event.span.upperBound)
        case .block:
            // The header is structure still.
            search(upTo: event.span.upperBound, endingWithLine: true, in: &tabs)
            skip(upTo: event.span.upperBound)
        }
        return tabs
    }

    private mutating func search(upTo end: Int, endingWithLine: Bool = false, in tabs: inout [Int]) {
        while index < end, offset < bytes.count {
            switch bytes[offset] {
            case 0x0a, 0x0d:
                isInComment = false
                hasTabOnLine = false
                if endingWithLine { return }
            case 0x23: isInComment = true
            case 0x09 where !isInComment && !hasTabOnLine:
                tabs.append(offset)
                hasTabOnLine = true
            default: break
            }
            advance()
        }
    }

    private mutating func skip(upTo end: Int) {
        while index < end, offset < bytes.count {
            if bytes[offset] == 0x0a || bytes[offset] == 0x0d { hasTabOnLine = false }
            advance()
        }
    }

    private mutating func advance() {
        index += 1
        repeat { offset += 1 } while offset < bytes.count && bytes[offset] & 0xc0 == 0x80
    }
}
