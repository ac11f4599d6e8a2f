import Addresses
import YAML

/// Builds the kind of each instance of a service: the only place that knows the keys of each kind.
struct KindDecoder {
    let decoder: Decoder
    let bridges: BridgeDecoder
    let files: EnvironmentFiles
    let budget: TextBudget

    private var log: DiagnosticLog { decoder.log }

    func decode(_ service: inout ServiceOutline, addresses: ServiceAddresses) {
        for index in service.instances.indices {
            let instance = service.instances[index]
            let expander = decoder.expander(instance: instance.number, addresses: addresses)
            switch service.kind {
            case "echo": service.instances[index].kind = .echo
            case "forward":
                guard let settings = forward(service, expander: expander) else { continue }
                reportDatagrams(of: instance, to: settings.to)
                service.instances[index].kind = .forward(settings)
                service.instances[index].target = .destination(settings.to)
            case "proxy-bridge":
                guard let (settings, target) = bridges.settings(service, instance: instance, expander: expander) else {
                    continue
                }
                service.instances[index].kind = .proxyBridge(settings)
                service.instances[index].target = target
            case "process":
                guard budget.isLeft else { return }
                var decoder = ProcessDecoder(service.fields, expander: expander, files: files, log: log)
                guard let settings = decoder.settings() else { continue }
                budget.take(settings, for: service)
                service.instances[index].kind = .process(settings)
            case _: continue
            }
        }
    }

    private func reportDatagrams(of instance: ServiceOutline.Instance, to destination: Located<Destination>) {
        guard case .unix = destination.value else { return }
        for listen in instance.listen {
            guard case .udp = listen.value else { continue }
            log.report(
                listen.position,
                "cannot relay datagrams to a unix socket: write `to` as HOST:PORT, or listen on TCP"
            )
        }
    }

    private func forward(_ service: ServiceOutline, expander: Expander) -> ForwardSettings? {
        guard let node = service.fields["to"], let text = expander.expand(node) else { return nil }
        switch AddressText.destination(text.text) {
        case .failure(let problem):
            log.report(node.position, "cannot connect to \(text.shown): \(problem.advice)")
            return nil
        case .success(let destination):
            var settings = ForwardSettings(to: Located(destination, at: log.source(node.position)))
            settings.connectTimeout = service.fields.duration("connect_timeout") ?? settings.connectTimeout
            return settings
        }
    }
}
