import Addresses
import YAML

/// Builds how TLS is spoken to an upstream, and has it tried out.
struct UpstreamTLSDecoder {
    /// The keys that only an upstream by `https` has.
    static let keys = ["ca_file", "pin_sha256", "client_cert", "client_key", "insecure_skip_verify", "server_name"]
    /// An upstream has one key, the next one, and a few in reserve.
    private static let pinLimit = 16

    let log: DiagnosticLog
    let files: CertificateFiles
    let expander: Expander

    /// The settings, nil when something in them was reported.
    ///
    /// `position` is where the upstream has its URL.
    func settings(_ fields: Fields, at position: Position) -> UpstreamTLS? {
        var tls = UpstreamTLS()
        tls.verifies = !(fields.boolean("insecure_skip_verify") ?? false)
        if !tls.verifies, let node = fields["ca_file"] {
            let advice = "remove `ca_file` or `insecure_skip_verify`"
            log.report(node.position, "cannot use authorities for certificates that nobody verifies: \(advice)")
            return nil
        }
        var isFine = true
        if let node = fields["ca_file"] {
            tls.authorities = content(node)
            isFine = tls.authorities != nil
        }
        if let node = fields["server_name"] {
            tls.serverName = name(node)
            isFine = isFine && tls.serverName != nil
        }
        let pins = fields.oneOrMany("pin_sha256")
        tls.pins = pins.prefix(Self.pinLimit).compactMap { node in pin(node) }
        if pins.count > Self.pinLimit {
            let place = pins[Self.pinLimit].position
            log.report(place, "cannot use more than \(Self.pinLimit) pins: keep those of keys in use")
        }
        guard let identities = identities(fields), isFine, tls.pins.count == pins.count else { return nil }
        tls.identity = identities.first
        guard let problem = files.surroundings.tlsProblem(tls) else { return tls }
        report(problem, fields, at: position)
        return nil
    }

    private func content(_ node: Node) -> [UInt8]? {
        guard let path = expander.expand(node) else { return nil }
        guard !path.text.isEmpty else {
            log.report(node.position, "cannot read a file without a path: write the path, or remove the key")
            return nil
        }
        switch files.content(at: expander.resolved(path.text, at: node.position)) {
        case .success(let bytes): return bytes
        case .failure(let problem):
            // A key in place of its path is not to be shown.
            let isPath = !path.isPrivate && !path.text.contains("-----")
            let shown = isPath ? "the file \(Wording.quotedPath(path.text))" : "this file"
            let advice = "make it readable or correct the path"
            log.report(node.position, "cannot read \(shown): \(problem.reason); \(advice)")
            return nil
        }
    }

    private func pin(_ node: Node) -> CertificatePin? {
        guard let text = expander.expand(node) else { return nil }
        if let pin = CertificatePin(parsing: text.text) { return pin }
        let advice = "write the SHA-256 of the public key as `sha256//BASE64` or 64 hexadecimal digits"
        log.report(node.position, "cannot use \(text.shown) as a pin: \(advice)")
        return nil
    }

    /// What the two keys give together: one, or none when there are no such keys; nil when something was reported.
    private func identities(_ fields: Fields) -> [UpstreamTLS.Identity]? {
        switch (fields["client_cert"], fields["client_key"]) {
        case (nil, nil): return []
        case (let certificate?, nil):
            guard !fields.mentions("client_key", in: Schema.upstream) else { return nil }
            let advice = "add `client_key`, which may be the same file"
            log.report(certificate.position, "cannot use a client's certificate without its key: \(advice)")
            return nil
        case (nil, let key?):
            guard !fields.mentions("client_cert", in: Schema.upstream) else { return nil }
            log.report(key.position, "cannot use a client's key without its certificate: add `client_cert`")
            return nil
        case (let certificate?, let key?):
            let certificates = content(certificate)
            guard let secret = content(key), let certificates else { return nil }
            guard let text = String(validating: secret, as: UTF8.self) else {
                report(.key, fields, at: key.position)
                return nil
            }
            return [UpstreamTLS.Identity(certificates: certificates, key: Secret(text))]
        }
    }

    private func name(_ node: Node) -> String? {
        guard let text = expander.expand(node) else { return nil }
        guard AddressText.isHost(text.text), IPAddress(text.text) == nil else {
            log.report(node.position, "cannot use \(text.shown) as the name of a server: write a host name")
            return nil
        }
        return text.text
    }

    private func report(_ problem: UpstreamTLS.Problem, _ fields: Fields, at position: Position) {
        func report(_ key: String, _ message: String) {
            log.report(fields[key]?.position ?? position, message)
        }
        switch problem {
        case .authorities:
            report("ca_file", "cannot use this file of authorities: it must hold certificates in PEM; correct it")
        case .certificate:
            report("client_cert", "cannot use this certificate: it must be in PEM; correct it")
        case .key:
            report("client_key", "cannot use this key: it must be an unencrypted private key in PEM; correct it")
        case .pair:
            report(
                "client_key",
                "cannot use this key: it belongs to another certificate than `client_cert`; correct it"
            )
        case .system:
            report(
                "ca_file",
                "cannot speak TLS: the system's certificates cannot be read; install ca-certificates or add `ca_file`"
            )
        }
    }
}
