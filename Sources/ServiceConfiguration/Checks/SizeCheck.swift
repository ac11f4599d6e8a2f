/// Refuses a few lines that would become millions of services, addresses or references.
struct SizeCheck {
    /// Each address is a socket: more than the ports that one host has.
    private static let addressLimit = 65_536
    /// Ten references for each service there may be, or two services of a few hundred instances each.
    private static let referenceLimit = 100_000

    let log: DiagnosticLog

    /// False when the services are too many for what follows, which was reported then, before any instance was made.
    func isWithinLimits(_ services: [ServiceOutline]) -> Bool {
        let counts = Dictionary(
            services.map { ($0.name, $0.settings.instances) },
            uniquingKeysWith: { first, _ in first }
        )
        var instances = 0
        var addresses = 0
        var references = 0
        for service in services where service.settings.isEnabled {
            let count = service.settings.instances ?? 1
            instances += count
            addresses += count * service.listenNodes.count
            references += service.requires.reduce(0) { sum, requirement in
                guard let other = counts[requirement.name] else { return sum }
                // Equal numbers are required in pairs.
                return sum + count * (other == service.settings.instances ? 1 : other ?? 1)
            }
            let excess =
                excess(of: instances, over: Schema.serviceLimit, "run", "instances of services", "run at once")
                ?? excess(of: addresses, over: Self.addressLimit, "listen on", "addresses", "are possible")
                ?? excess(of: references, over: Self.referenceLimit, "keep", "references between instances", "are kept")
            guard let excess else { continue }
            log.report(service.position, excess)
            return false
        }
        return true
    }

    private func excess(of count: Int, over limit: Int, _ verb: String, _ what: String, _ end: String) -> String? {
        guard count > limit else { return nil }
        return "cannot \(verb) \(count) \(what) in all: at most \(limit) \(end), remove some"
    }
}
