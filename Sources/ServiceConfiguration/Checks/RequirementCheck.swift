/// Checks what services require of each other, and finds the order in which they can start.
struct RequirementCheck {
    let log: DiagnosticLog
    /// Names that may be taken for those of services.
    let groups: [String]

    /// The enabled services as indices, each after those it requires, otherwise in the order of the file.
    func order(of services: [ServiceOutline]) -> [Int] {
        let indices = Dictionary(
            services.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        let edges = services.map { service in
            service.requires.compactMap { requirement in
                target(of: requirement, in: service, among: services, indices: indices).map { (requirement, $0) }
            }
        }
        let walk = DepthFirstWalk(edges: edges.map { $0.map(\.1) }) { circle in
            guard let last = circle.last else { return }
            log.report(
                edges[last.node][last.edge].0.position,
                "cannot start services that wait for each other: "
                    + "\(Wording.circle(circle) { services[$0.node].name }); remove a reference"
            )
        }
        return walk.order.filter { services[$0].settings.isEnabled }
    }

    private func target(
        of requirement: ServiceOutline.Requirement,
        in service: ServiceOutline,
        among services: [ServiceOutline],
        indices: [String: Int]
    ) -> Int? {
        let shown = Wording.quoted(requirement.name)
        guard let index = indices[requirement.name] else {
            log.reportMissing(requirement.position, missing(requirement, of: service, among: services))
            return nil
        }
        guard requirement.name != service.name else {
            log.report(requirement.position, "cannot require \(shown) by itself: remove the reference")
            return nil
        }
        guard services[index].settings.isEnabled || !service.settings.isEnabled else {
            log.report(
                requirement.position,
                "cannot require \(shown): it is not enabled; enable it or remove the reference"
            )
            return nil
        }
        return index
    }

    private func missing(
        _ requirement: ServiceOutline.Requirement,
        of service: ServiceOutline,
        among services: [ServiceOutline]
    ) -> String {
        guard !groups.contains(requirement.name) else {
            return "cannot require the group `\(requirement.name)`: only services are required, name those"
        }
        let base = Names.base(ofInstance: requirement.name)
        if let base, groups.contains(base) {
            return "cannot require the group `\(requirement.name)`: only services are required, name those"
        }
        if let base, services.contains(where: { $0.name == base }) {
            let advice = base == service.name ? "remove the reference" : "write `\(base)`"
            return "cannot require the instance `\(requirement.name)`: a service is required as a whole, \(advice)"
        }
        let advice = Wording.suggestion(
            for: requirement.name,
            among: services.map(\.name).filter { $0 != service.name },
            otherwise: "define it under `services`"
        )
        let shown = Wording.quoted(requirement.name)
        return "cannot require the service \(shown): there is none of this name; \(advice)"
    }
}
