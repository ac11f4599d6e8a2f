import Addresses
import YAML

/// Builds the settings of proxy bridges.
struct BridgeDecoder {
    let log: DiagnosticLog
    let certificates: CertificateFiles
    /// The upstreams by name; nil stands for one that was reported.
    let upstreams: [String: UpstreamProxy?]
    /// False when there are probably upstreams under a key with a typing error.
    let areUpstreamsKnown: Bool
    /// The pools by name; nil stands for one that was reported.
    let pools: [String: PoolSettings?]
    /// False when there are probably pools under a key with a typing error.
    let arePoolsKnown: Bool

    /// The settings of one instance and where it connects to; nil when something in it was reported.
    func settings(
        _ service: ServiceOutline,
        instance: ServiceOutline.Instance,
        expander: Expander
    ) -> (BridgeSettings, ServiceOutline.Target?)? {
        let allowOpen = service.fields.boolean("allow_open") ?? false
        let hasBrokenPermission =
            service.fields.boolean("allow_open") == nil && service.fields.mentions("allow_open", in: Schema.bridge)
        let hasAuthentication = service.fields.mentions("auth", in: Schema.bridge)
        if !allowOpen, !hasBrokenPermission, !hasAuthentication {
            reportOpenAddresses(of: instance, service: service)
        }
        let policy = PolicyDecoder(log: log).policy(service.fields.mapping("policy"), expander: expander)
        let auth = authentication(service.fields["auth"], expander: expander)
        guard let node = service.fields["upstream"] else { return nil }
        guard let upstream = upstream(node, of: instance, expander: expander) else { return nil }
        var settings = BridgeSettings(upstream: upstream)
        settings.allowOpen = allowOpen
        settings.timeouts = timeouts(service)
        settings.onSwap = service.fields.text("on_swap").flatMap(BridgeSettings.OnSwap.init) ?? settings.onSwap
        let probes = BridgeProbeDecoder(log: log, expander: expander)
        settings.probe = probes.probe(service.fields["probe"], for: upstream)
        settings.policy = policy
        if service.fields["auth"] != nil {
            guard let auth else { return nil }
            settings.auth = auth
        }
        settings.errorStyle =
            service.fields.text("error_style").flatMap(BridgeSettings.ErrorStyle.init) ?? settings.errorStyle
        settings.via = service.fields.boolean("via") ?? settings.via
        let position = log.source(node.position)
        switch upstream {
        case .direct: return (settings, nil)
        case .proxy(let proxy):
            return (settings, .destination(Located(.host(proxy.host, port: proxy.port), at: position)))
        case .pool(var pool):
            // What the bridge cannot have is reported where the bridge asks for it.
            pool.position = Located(pool.name, at: position)
            settings.upstream = .pool(pool)
            return (settings, .pool(pool.position))
        }
    }

    private func reportOpenAddresses(of instance: ServiceOutline.Instance, service: ServiceOutline) {
        for (node, address) in zip(service.fields.oneOrMany("listen"), instance.listen)
        where service.isListenComplete && !address.value.isLocal {
            let advice = "listen on a loopback address, or add `auth`, or `allow_open: true` for everybody"
            log.report(node.position, "cannot open a proxy bridge to other machines without authentication: \(advice)")
        }
    }

    /// What clients must send; nil when something in it was reported, or nothing is wanted.
    private func authentication(_ node: Node?, expander: Expander) -> Credential? {
        let fields = Fields(node)
        guard let username = fields["username"].flatMap(expander.expand) else { return nil }
        guard let password = fields["password"].flatMap(expander.expand) else { return nil }
        return CredentialCheck(log: log, scheme: .http)
            .credential(username.text, password.text, at: username.position, password.position)
    }

    private func upstream(
        _ node: Node,
        of instance: ServiceOutline.Instance,
        expander: Expander
    ) -> UpstreamSettings? {
        switch node.content {
        case .sequence: return nil
        case .mapping:
            let fields = Fields(node)
            if let name = fields["pool"] { return pool(name, beside: fields).map { .pool($0) } }
            let decoder = UpstreamDecoder(log: log, certificates: certificates)
            return decoder.upstream(node, id: "\(instance.name).upstream", expander: expander).map { .proxy($0) }
        case .scalar(let text, let quoted):
            if text == "direct" { return .direct }
            guard !Scalars.isNull(text, quoted: quoted) else { return nil }
            guard let known = upstreams[text] else {
                guard areUpstreamsKnown else { return nil }
                log.reportMissing(node.position, unknownUpstream(text))
                return nil
            }
            return known.map { .proxy($0) }
        }
    }

    private func pool(_ node: Node, beside fields: Fields) -> PoolSettings? {
        guard case .scalar(let text, let quoted) = node.content, !Scalars.isNull(text, quoted: quoted) else {
            return nil
        }
        if let extra = fields["username"] ?? fields["password"] {
            log.report(extra.position, "cannot use a credential for a pool: each member has its own, remove this one")
        }
        for key in Schema.upstream.keys.map(\.name) where !["url", "username", "password"].contains(key) {
            guard let extra = fields[key] else { continue }
            log.report(extra.position, "cannot use `\(key)` for a pool: each member has its own, remove this one")
        }
        guard let known = pools[text] else {
            guard arePoolsKnown else { return nil }
            let advice = Wording.suggestion(
                for: text,
                among: pools.keys.sorted(),
                otherwise: "define it under `pools`"
            )
            log.reportMissing(node.position, "cannot find the pool \(Wording.quoted(text)): \(advice)")
            return nil
        }
        return known
    }

    private func unknownUpstream(_ name: String) -> String {
        if pools[name] != nil {
            return "cannot find the upstream \(Wording.quoted(name)): it is a pool, write `{ pool: \(name) }`"
        }
        let advice = Wording.suggestion(
            for: name,
            among: upstreams.keys.sorted() + ["direct"],
            otherwise: "define it under `upstreams`, or write `direct`"
        )
        return "cannot find the upstream \(Wording.quoted(name)): \(advice)"
    }

    private func timeouts(_ service: ServiceOutline) -> BridgeTimeouts {
        let fields = service.fields.mapping("timeouts")
        var timeouts = BridgeTimeouts()
        timeouts.firstByte = fields.duration("first_byte") ?? timeouts.firstByte
        timeouts.requestHead = fields.duration("request_head") ?? timeouts.requestHead
        timeouts.keepAlive = fields.duration("keep_alive") ?? timeouts.keepAlive
        timeouts.dns = fields.duration("dns") ?? timeouts.dns
        timeouts.connect = fields.duration("connect") ?? timeouts.connect
        timeouts.tls = fields.duration("tls") ?? timeouts.tls
        timeouts.reply = fields.duration("reply") ?? timeouts.reply
        timeouts.establishment = fields.duration("establishment") ?? timeouts.establishment
        timeouts.responseHead = fields.duration("response_head") ?? timeouts.responseHead
        // A service that says when it is idle need not say it twice.
        timeouts.idle = fields.duration("idle") ?? service.settings.idleTimeout ?? timeouts.idle
        timeouts.halfClose = fields.duration("half_close") ?? timeouts.halfClose
        timeouts.writeStall = fields.duration("write_stall") ?? timeouts.writeStall
        timeouts.swap = fields.duration("swap") ?? timeouts.swap
        return timeouts
    }
}
