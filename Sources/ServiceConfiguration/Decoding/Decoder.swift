import Addresses
import YAML

/// Makes a configuration of a tree of nodes, in passes: outlines, addresses, kinds, then what relates services.
///
/// Nothing is reported twice, and what a reported mistake makes unknown is passed over in silence.
struct Decoder {
    let surroundings: Surroundings
    let templates: TemplateTable
    let log: DiagnosticLog
    let certificates: CertificateFiles

    /// The configuration of a tree that was held against the schema.
    func configuration(from root: Node) -> Configuration {
        let fields = Fields(root)
        var configuration = Configuration()
        configuration.log = logSettings(fields.mapping("log"))
        configuration.shutdown = shutdownSettings(fields.mapping("shutdown"))
        let endpoints = EndpointDecoder(decoder: self)
        configuration.control = endpoints.control(fields.mapping("control"))
        configuration.status = fields["status"].flatMap { endpoints.status(Fields($0)) }
        configuration.endpoints = endpoints.endpoints(configuration.control, configuration.status)
        let upstreams = namedUpstreams(fields["upstreams"])
        let pools = PoolDecoder(decoder: self).pools(entries(fields["pools"]))
        var services = outlines(of: entries(fields["services"]), defaults: fields.mapping("defaults"))
        if services.isEmpty, let node = fields["services"], case .mapping = node.content {
            log.report(
                node.position,
                "cannot find a service under `services`: add one, as in `echo: {type: echo, ...}`"
            )
        }
        guard SizeCheck(log: log).isWithinLimits(services) else { return configuration }
        let bridges = BridgeDecoder(
            log: log,
            certificates: certificates,
            upstreams: upstreams,
            areUpstreamsKnown: fields["upstreams"] != nil || !fields.mentions("upstreams", in: Schema.root),
            pools: pools,
            arePoolsKnown: fields["pools"] != nil || !fields.mentions("pools", in: Schema.root)
        )
        let kinds = KindDecoder(
            decoder: self,
            bridges: bridges,
            files: EnvironmentFiles(surroundings: surroundings),
            budget: TextBudget(log: log)
        )
        for index in services.indices where services[index].settings.isEnabled {
            decodeListen(of: &services[index])
        }
        let addresses = serviceAddresses(services)
        for index in services.indices where services[index].settings.isEnabled {
            kinds.decode(&services[index], addresses: addresses)
        }
        AddressCheck(log: log).check(services, and: configuration.endpoints)
        RelayLoopCheck(log: log).check(services, pools: pools.values.compactMap { $0 }.sorted { $0.name < $1.name })
        let groups = GroupOutline.all(in: entries(fields["groups"]))
        configuration.groups = GroupCheck(log: log, services: services, groups: groups).settings()
        let order = RequirementCheck(log: log, groups: groups.map(\.name)).order(of: services)
        configuration.services = specifications(of: services, in: order)
        return configuration
    }

    /// An expander for values that belong to no instance.
    func expander(instance: Int? = nil, addresses: ServiceAddresses? = nil) -> Expander {
        Expander(
            surroundings: surroundings,
            templates: templates,
            log: log,
            instance: instance,
            addresses: addresses
        )
    }

    func entries(_ node: Node?) -> [Node.Entry] {
        guard case .mapping(let entries)? = node?.content else { return [] }
        return entries
    }

    private func logSettings(_ fields: Fields) -> LogSettings {
        var settings = LogSettings()
        settings.level = fields.text("level").flatMap(LogSettings.Level.init) ?? settings.level
        settings.format = fields.text("format").flatMap(LogSettings.Format.init) ?? settings.format
        return settings
    }

    private func shutdownSettings(_ fields: Fields) -> ShutdownSettings {
        var settings = ShutdownSettings()
        settings.delay = fields.duration("delay") ?? settings.delay
        settings.drain = fields.duration("drain") ?? settings.drain
        return settings
    }

    /// The upstreams by name; nil stands for one that was reported.
    private func namedUpstreams(_ node: Node?) -> [String: UpstreamProxy?] {
        var upstreams: [String: UpstreamProxy?] = [:]
        for entry in entries(node) {
            let decoder = UpstreamDecoder(log: log, certificates: certificates)
            upstreams[entry.key] = .some(
                decoder.upstream(entry.value, id: entry.key, expander: expander(addresses: ServiceAddresses()))
            )
        }
        return upstreams
    }

    private func outlines(of entries: [Node.Entry], defaults: Fields) -> [ServiceOutline] {
        let backoff = BackoffCheck(log: log)
        backoff.check(defaults, defaults: Fields(nil))
        return entries.map { entry in
            let fields = Fields(entry.value)
            backoff.check(fields, defaults: defaults)
            var settings = CommonSettings()
            settings.apply(defaults)
            settings.apply(fields)
            settings.assumeInstance(from: [fields, defaults])
            let requires = fields.oneOrMany("requires").compactMap { node -> ServiceOutline.Requirement? in
                guard case .scalar(let text, let quoted) = node.content, !Scalars.isNull(text, quoted: quoted) else {
                    return nil
                }
                return ServiceOutline.Requirement(name: text, position: node.position)
            }
            return ServiceOutline(
                name: entry.key,
                position: entry.keyPosition,
                kind: fields["type"].flatMap(Fields.kind)?.word,
                fields: fields,
                settings: settings,
                requires: requires,
                instances: []
            )
        }
    }

    private func decodeListen(of service: inout ServiceOutline) {
        let nodes = service.listenNodes
        let numbers: [Int?] = service.settings.instances.map { Array(0..<max(0, $0)) } ?? [nil]
        for number in numbers {
            var instance = ServiceOutline.Instance(
                name: number.map { "\(service.name)@\($0)" } ?? service.name,
                number: number
            )
            for node in nodes {
                guard let address = listenAddress(node, of: service.kind, instance: number) else {
                    service.isListenComplete = false
                    continue
                }
                instance.listen.append(Located(address, at: log.source(node.position)))
            }
            service.instances.append(instance)
        }
    }

    private func listenAddress(_ node: Node, of kind: String?, instance: Int?) -> ListenAddress? {
        guard let text = expander(instance: instance).expand(node) else { return nil }
        switch AddressText.listenAddress(text.text) {
        case .success(.udp) where kind == "proxy-bridge" || kind == "process":
            let advice = "only services of type echo or forward take datagrams; use TCP"
            log.report(node.position, "cannot listen on \(text.shown): \(advice)")
            return nil
        case .success(let address): return address
        case .failure(let problem):
            log.report(node.position, "cannot listen on \(text.shown): \(problem.advice)")
            return nil
        }
    }

    private func serviceAddresses(_ services: [ServiceOutline]) -> ServiceAddresses {
        var addresses = ServiceAddresses()
        addresses.isComplete = log.isComplete
        for service in services {
            let first = service.instances.map { service.isListenComplete ? $0.listen.first?.value : nil }
            addresses.entries[service.name] = .init(
                isEnabled: service.settings.isEnabled,
                hasNone: service.kind == "process" && service.fields["sockets"] == nil,
                first: first
            )
            addresses.names.append(service.name)
        }
        return addresses
    }

    private func specifications(of services: [ServiceOutline], in order: [Int]) -> [ServiceSpecification] {
        let byName = Dictionary(services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return order.flatMap { index in
            let service = services[index]
            return service.instances.compactMap { instance -> ServiceSpecification? in
                guard let kind = instance.kind else { return nil }
                let position = log.source(service.position)
                var result = ServiceSpecification(
                    name: instance.name,
                    at: position,
                    kind: kind,
                    listen: instance.listen
                )
                result.requires = required(by: instance, of: service, among: byName)
                result.restart = service.settings.restart
                result.essential = service.settings.essential
                result.watchdog = service.settings.watchdog
                // A program has its connections itself: what `defaults` say of them changes nothing.
                if case .process = kind { return result }
                result.drain = service.settings.drain
                result.maxConnections = service.settings.maxConnections
                result.idleTimeout = service.settings.idleTimeout
                return result
            }
        }
    }

    /// Pairwise for equal numbers of instances, otherwise every instance of what is required.
    private func required(
        by instance: ServiceOutline.Instance,
        of service: ServiceOutline,
        among services: [String: ServiceOutline]
    ) -> [String] {
        var names: [String] = []
        for requirement in service.requires {
            // One that is not enabled was reported, and has no instances.
            guard let other = services[requirement.name], other.settings.isEnabled else { continue }
            if let number = instance.number, other.settings.instances == service.settings.instances {
                names.append(other.instances[number].name)
            } else {
                names += other.instances.map(\.name)
            }
        }
        return names
    }
}
