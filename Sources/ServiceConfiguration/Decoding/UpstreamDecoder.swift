import YAML

/// Builds an upstream from its mapping: URL, user name, password, and what only some schemes have.
struct UpstreamDecoder {
    let log: DiagnosticLog
    let certificates: CertificateFiles

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
        guard hasOnlyKeys(fields, of: url.scheme) else { return nil }
        var upstream = UpstreamProxy(id: id, scheme: url.scheme, host: url.host, port: url.port, credential: nil)
        let check = CredentialCheck(log: log, scheme: url.scheme)
        if let userinfo = url.userinfo {
            if let extra = fields["username"] ?? fields["password"] {
                log.report(
                    extra.position,
                    "cannot use two credentials for one upstream: remove the one in the URL or this one"
                )
                return nil
            }
            let place = urlNode.position
            upstream.credential = check.credential(userinfo.username, userinfo.password, at: place, place)
            if upstream.credential == nil { return nil }
        } else if fields["username"] != nil || fields["password"] != nil {
            guard isPair(fields), let username, let password else { return nil }
            upstream.credential = check.credential(
                username.text,
                password.text,
                at: username.position,
                password.position
            )
            if upstream.credential == nil { return nil }
        }
        upstream.plainVia = fields.text("plain_via").flatMap(UpstreamProxy.PlainVia.init) ?? upstream.plainVia
        upstream.allowsNoAuthentication = fields.boolean("socks_allow_noauth") ?? false
        if upstream.scheme == .https {
            let decoder = UpstreamTLSDecoder(log: log, files: certificates, expander: expander)
            guard let tls = decoder.settings(fields, at: urlNode.position) else { return nil }
            upstream.tls = tls
        }
        return upstream
    }

    /// Reports each key that means nothing for the scheme: whoever wrote it counts on it.
    private func hasOnlyKeys(_ fields: Fields, of scheme: UpstreamScheme) -> Bool {
        let owners =
            UpstreamTLSDecoder.keys.map { ($0, [UpstreamScheme.https]) }
            + [("socks_allow_noauth", [.socks5, .socks5h]), ("plain_via", [.http, .https])]
        var isFine = true
        for (key, schemes) in owners where !schemes.contains(scheme) {
            guard let node = fields[key] else { continue }
            let others = Wording.alternatives(schemes.map { "`\($0.rawValue)`" })
            let advice = "it is for \(others), remove it"
            log.report(node.position, "cannot use `\(key)` for an upstream by `\(scheme.rawValue)`: \(advice)")
            isFine = false
        }
        return isFine
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
}
