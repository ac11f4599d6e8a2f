/// The tree of a snapshot, as it is drawn.
///
/// It is made of what a daemon says, which need not fit together: every service is shown once, and circles end.
struct StatusTree {
    /// A group with its members, or a service with those of its generations that only drain.
    indirect enum Node {
        case group(GroupStatus, [Node])
        case service(ServiceStatus, older: [ServiceStatus])
    }

    private let groups: [GroupStatus]
    /// By group; one that is in no group, or in a circle, is at the root.
    private let parents: [String: String]
    /// By group; "" stands for the root.
    private var services: [String: [ServiceStatus]] = [:]
    private var older: [String: [ServiceStatus]] = [:]
    private(set) var roots: [Node] = []

    init(_ snapshot: Snapshot) {
        var names: Set<String> = []
        groups = snapshot.groups.filter { names.insert($0.name).inserted }
        parents = Self.parents(of: groups)
        let current = Set(snapshot.services.lazy.filter(\.current).map(\.name))
        for service in snapshot.services {
            if !service.current, current.contains(service.name) {
                older[service.name, default: []].append(service)
            } else {
                let group = service.group.flatMap { names.contains($0) ? $0 : nil }
                services[group ?? "", default: []].append(service)
            }
        }
        roots = nodes(in: "", order: snapshot.services.map(\.name))
    }

    private static func parents(of groups: [GroupStatus]) -> [String: String] {
        let around = Dictionary(groups.map { ($0.name, $0.group) }) { first, _ in first }
        return groups.reduce(into: [:]) { parents, group in
            guard let parent = group.group, around[parent] != nil else { return }
            var seen: Set = [group.name]
            var next: String? = parent
            while let name = next, let outer = around[name] {
                guard seen.insert(name).inserted else { return }
                next = outer
            }
            parents[group.name] = parent
        }
    }

    private func nodes(in group: String, order: [String]) -> [Node] {
        var nodes: [(place: Int, node: Node)] = []
        // A service is named twice when two generations of it drain; the first place counts.
        let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
        var shown: Set<String> = []
        for service in services[group] ?? [] {
            let older = shown.insert(service.name).inserted && service.current ? older[service.name] ?? [] : []
            nodes.append((places[service.name] ?? .max, .service(service, older: older)))
        }
        for child in groups where parents[child.name] ?? "" == group {
            let members = self.nodes(in: child.name, order: child.children + order)
            // At the root a group stands where the first of its services starts.
            let place = places[child.name] ?? Self.services(of: members).compactMap { places[$0] }.min() ?? .max
            nodes.append((place, .group(child, members)))
        }
        return nodes.sorted { $0.place < $1.place }.map(\.node)
    }

    private static func services(of nodes: [Node]) -> [String] {
        nodes.flatMap { node in
            switch node {
            case .group(_, let members): services(of: members)
            case .service(let service, _): [service.name]
            }
        }
    }
}
