/// The SHA-256 of a certificate's SubjectPublicKeyInfo: what it stays the same by when it is renewed.
package struct CertificatePin: Hashable, Sendable {
    /// 32 bytes.
    package var digest: [UInt8]

    package init(digest: [UInt8]) {
        self.digest = digest
    }

    /// Reads base64, after `sha256//` or not as curl has it, or hexadecimal digits, with colons or not.
    init?(parsing text: String) {
        let isMarked = text.hasPrefix("sha256//")
        let bytes = Array((isMarked ? text.dropFirst("sha256//".count) : text[...]).utf8)
        guard let digest = (isMarked ? nil : Self.hexadecimal(bytes)) ?? Self.base64(bytes) else { return nil }
        self.digest = digest
    }

    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        let digits = text.filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 64, text.count == 64 || text.count == 95 else { return nil }
        let values = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard values.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }

    /// 32 bytes are 43 digits and one sign of padding.
    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        guard text.count == 44, text.last == UInt8(ascii: "=") else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in text.dropLast() {
            guard let value = value(ofDigit: byte) else { return nil }
            bits = (bits << 6 | value) & 0xffff
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(bits >> count & 0xff))
        }
        return bytes
    }

    private static func value(ofDigit byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
