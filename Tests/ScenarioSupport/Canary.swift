/// Passwords that stand in every configuration and must appear in no output.
package enum Canary {
    package static let user = "canary-user"
    /// The characters that tinyproxy's configuration admits.
    package static let password = "c4nary-pa55.word_A"
    package static let rotatedPassword = "c4nary-pa55.word_B"
    /// Every character that the forms of a credential treat specially, a colon, an at sign and a percent sign too.
    package static let specialPassword = "c4n:ary@pa/55%41 w+rd"
    package static let rotatedSpecialPassword = "c4n:ary@pa/55%42 w+rd"

    static let passwords = [password, rotatedPassword, specialPassword, rotatedSpecialPassword]

    /// The forms in which a password could leak: plain, in the Basic scheme, and percent-encoded.
    static let forms: [String] = passwords.flatMap { password in
        [password, base64(Array("\(user):\(password)".utf8)), base64(Array(password.utf8)), percentEncoded(password)]
    }

    /// The forms that a text contains.
    package static func leaks(in text: String) -> [String] {
        forms.filter { text.contains($0) }
    }

    /// The form of Basic authentication.
    package static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[value >> (18 - 6 * index) & 63] : "=")
            }
        }
        return text
    }

    package static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-._~".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
        }.joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }
}
