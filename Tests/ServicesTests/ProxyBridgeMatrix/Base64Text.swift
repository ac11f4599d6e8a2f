/// Base 64, written a second time so that the bridge's own is not its own judge.
enum Base64Text {
    static func of(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 3).map { start in
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
            return String((0..<4).map { $0 <= group.count ? alphabet[value >> (18 - 6 * $0) & 63] : "=" })
        }.joined()
    }
}
