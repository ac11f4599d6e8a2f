/// Checks what services require of each other, and finds the order in which they can start.
struct RequirementCheck {
    let log: DiagnosticLog

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
        return depthFirst(services, edges: edges)
    }

    private func target(
        of requirement: ServiceOutline.Requirement,
        in service: ServiceOutline,
        among services: [ServiceOutline],
        indices: [String: Int]
    ) -> Int? {
        let shown = Wording.quoted(requirement.name)
        guard let index = indices[requirement.name] else {
            log.report(requirement.position, missing(requirement, of: service, among: services))
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
        let advice = Wording.suggestion(
            for: requirement.name,
            among: services.map(\.name).filter { $0 != service.name },
            otherwise: "define it under `services`"
        )
        let shown = Wording.quoted(requirement.name)
        return "cannot require the service \(shown): there is none of this name; \(advice)"
    }

    /// A search with its own stack: a chain may be as long as there are services.
    private func depthFirst(
        _ services: [ServiceOutline],
        edges: [[(ServiceOutline.Requirement, Int)]]
    ) -> [Int] {
        enum Mark {
            case new
            case open
            case done
        }
        var marks = Array(repeating: Mark.new, count: services.count)
        var order: [Int] = []
        // Where each open service is in the stack.
        var depths = Array(repeating: 0, count: services.count)
        for start in services.indices where marks[start] == .new {
            var stack = [(index: start, edge: 0)]
            marks[start] = .open
            depths[start] = 0
            while let top = stack.last {
                guard top.edge < edges[top.index].count else {
                    marks[top.index] = .done
                    order.append(top.index)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].edge += 1
                let (requirement, next) = edges[top.index][top.edge]
                switch marks[next] {
                case .new:
                    marks[next] = .open
                    depths[next] = stack.count
                    stack.append((next, 0))
                case .open:
                    let circle = stack[depths[next]...]
                    log.report(
                        requirement.position,
                        "cannot start services that wait for each other: "
                            + "\(Wording.circle(circle) { services[$0.index].name }); remove a reference"
                    )
                case .done: continue
                }
            }
        }
        return order.filter { services[$0].settings.isEnabled }
    }
}
