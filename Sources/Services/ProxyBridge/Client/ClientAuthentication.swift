import ServiceConfiguration

/// What clients must show before they are served; printing it gives `***`.
///
/// Comparing takes as long as what the client sent is, whatever of it is right.
struct ClientAuthentication: Hashable, Sendable {
    private let username: Secret
    private let password: Secret
    /// The credential as Basic authentication writes it (RFC 7617), without padding.
    private let basic: Secret

    init(_ credential: Credential) {
        username = credential.username
        password = credential.password
        let pair = credential.username.reveal { name in credential.password.reveal { Array("\(name):\($0)".utf8) } }
        basic = Secret(Base64.text(of: pair).trimmingPadding())
    }

    /// True when a request's fields have exactly one Proxy-Authorization, of the scheme Basic, with the credential.
    func admits(_ fields: [HeadField]) -> Bool {
        let values = fields.filter { $0.name == "proxy-authorization" }.map(\.value)
        guard values.count == 1, let value = values.first else { return false }
        let parts = value.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic" else { return false }
        let given = String(parts[1]).trimmingPadding()
        return basic.reveal { Self.isEqual(Array(given.utf8), to: Array($0.utf8)) }
    }

    /// True for the credential as SOCKS sends it (RFC 1929).
    func admits(username name: [UInt8], password word: [UInt8]) -> Bool {
        let isName = username.reveal { Self.isEqual(name, to: Array($0.utf8)) }
        let isWord = password.reveal { Self.isEqual(word, to: Array($0.utf8)) }
        return isName && isWord
    }

    private static func isEqual(_ given: [UInt8], to secret: [UInt8]) -> Bool {
        var difference = given.count ^ secret.count
        for (index, byte) in given.enumerated() {
            // Over and over the secret: the lengths have decided already when it is shorter.
            difference |= Int(byte ^ (secret.isEmpty ? ~byte : secret[index % secret.count]))
        }
        return difference == 0
    }
}

extension String {
    /// Base64 without the `=` at its end, which some clients leave out.
    fileprivate func trimmingPadding() -> String {
        var text = self
        while text.last == "=" { text.removeLast() }
        return text
    }
}
