/// The name under which a bridge adds itself to the field Via (RFC 9110 7.6.3), to know its own requests again.
struct ViaPseudonym: Sendable {
    /// A token.
    let text: String

    /// `nonce` tells bridges of one name on several machines apart: they may well be in one chain.
    init(bridge name: String, nonce: UInt32) {
        let token = String(decoding: name.utf8.map { $0.isTokenByte ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
        text = "\(token)-" + String(nonce, radix: 16)
    }

    /// The field for a message that came with this version of HTTP/1.
    func field(minorVersion: Int) -> String {
        "Via: 1.\(minorVersion) \(text)\r\n"
    }

    /// True when a message has passed the bridge before.
    func isIn(_ fields: [HeadField]) -> Bool {
        fields.listMembers("via").contains { member in
            let parts = member.split(whereSeparator: \.isWhitespace)
            return parts.count > 1 && parts[1] == text.lowercased()
        }
    }
}
