/// Reads IPv4 addresses as `inet_aton` does, which is how resolvers take `127.1`, `0x7f000001` and `017700000001`.
enum LooseIPv4Text {
    static func bits(of text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var bits: UInt32 = 0
        for (index, part) in parts.enumerated() {
            guard let value = number(part) else { return nil }
            guard index == parts.count - 1 else {
                guard value <= 0xff else { return nil }
                bits |= value << (24 - 8 * UInt32(index))
                continue
            }
            // The last number fills all bytes that are left.
            guard UInt64(value) < 1 << (32 - 8 * UInt64(index)) else { return nil }
            bits |= value
        }
        return bits
    }

    /// Decimal, octal after a zero, hexadecimal after `0x`.
    private static func number(_ text: Substring) -> UInt32? {
        let (digits, radix): (Substring, Int) =
            if text.hasPrefix("0x") || text.hasPrefix("0X") {
                (text.dropFirst(2), 16)
            } else if text.hasPrefix("0"), text.utf8.count > 1 {
                (text.dropFirst(), 8)
            } else {
                (text, 10)
            }
        guard digits.first != "+", digits.first != "-" else { return nil }
        return UInt32(digits, radix: radix)
    }
}
