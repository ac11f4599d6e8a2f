import YAML

/// Holds a credential against what the upstream's protocol can carry.
struct CredentialCheck {
    /// RFC 1929: one byte tells the length, and it is not zero.
    private static let socksBytes = 1...255

    let log: DiagnosticLog
    let scheme: UpstreamScheme

    /// The credential, nil when something in it was reported.
    func credential(
        _ username: String,
        _ password: String,
        at usernamePosition: Position,
        _ passwordPosition: Position
    ) -> Credential? {
        let problems = (
            username: problem(with: username, called: "a user name", isName: true),
            password: problem(with: password, called: "a password", isName: false)
        )
        if let problem = problems.username { log.report(usernamePosition, problem) }
        if let problem = problems.password { log.report(passwordPosition, problem) }
        guard problems.username == nil, problems.password == nil else { return nil }
        return Credential(username: Secret(username), password: Secret(password))
    }

    private func problem(with text: String, called word: String, isName: Bool) -> String? {
        if scheme.isHTTP, isName, text.utf8.contains(UInt8(ascii: ":")) {
            return "cannot send a user name with a colon: Basic authentication has no way to, use another"
        }
        if text.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            return "cannot send \(word) with a line break or NUL: remove it"
        }
        guard !scheme.isHTTP, !Self.socksBytes.contains(text.utf8.count) else { return nil }
        let advice = "SOCKS carries 1 to 255, use another"
        return "cannot send \(word) of \(text.isEmpty ? "no" : "more than 255") bytes: \(advice)"
    }
}
