import YAML

/// Builds an upstream from its mapping: URL, user name and password.
struct UpstreamDecoder {
    let log: DiagnosticLog

    /// The upstream, nil when something in it was reported.
    func upstream(_ node: Node, id: String, expander: Expander) -> UpstreamProxy? {
        let fields = Fields(node)
        let username = fields["username"].flatMap(expander.expand)
        let password = fields["password"].flatMap(expander.expand)
        guard let urlNode = fields["url"], let urlText = expander.expand(urlNode) else { return nil }
        let url: ProxyURL
        do throws(ProxyURL.Problem) {
            url = try ProxyURL(parsing: urlText.text)
        } catch {
            log.report(urlNode.position, error.message)
            return nil
        }
        var credential: Credential?
        if let userinfo = url.userinfo {
            if let extra = fields["username"] ?? fields["password"] {
                log.report(
                    extra.position,
                    "cannot use two credentials for one upstream: remove the one in the URL or this one"
                )
                return nil
            }
            credential = self.credential(userinfo.username, userinfo.password, at: urlNode.position, urlNode.position)
            if credential == nil { return nil }
        } else if fields["username"] != nil || fields["password"] != nil {
            guard isPair(fields), let username, let password else { return nil }
            credential = self.credential(username.text, password.text, at: username.position, password.position)
            if credential == nil { return nil }
        }
        return UpstreamProxy(
            id: id,
            host: url.host,
            port: url.port,
            credential: credential,
            at: log.source(node.position)
        )
    }

    private func isPair(_ fields: Fields) -> Bool {
        if let username = fields["username"], !fields.mentions("password", in: Schema.upstream) {
            log.report(
                username.position,
                "cannot use a user name without a password: add `password`, which may be \"\""
            )
            return false
        }
        if let password = fields["password"], !fields.mentions("username", in: Schema.upstream) {
            log.report(password.position, "cannot use a password without a user name: add `username`")
            return false
        }
        return true
    }

    /// Checks a pair for what Basic authentication cannot carry.
    func credential(
        _ username: String,
        _ password: String,
        at usernamePosition: Position,
        _ passwordPosition: Position
    ) -> Credential? {
        let hasColon = username.utf8.contains(UInt8(ascii: ":"))
        let isBroken = (username: hasControl(username), password: hasControl(password))
        if hasColon {
            log.report(
                usernamePosition,
                "cannot send a user name with a colon: Basic authentication has no way to, use another"
            )
        } else if isBroken.username {
            log.report(usernamePosition, "cannot send a user name with a line break or NUL: remove it")
        }
        if isBroken.password {
            log.report(passwordPosition, "cannot send a password with a line break or NUL: remove it")
        }
        guard !hasColon, !isBroken.username, !isBroken.password else { return nil }
        return Credential(username: Secret(username), password: Secret(password))
    }

    private func hasControl(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }
}
