/// A service as the metrics see it: one, however many of its generations there are.
///
/// The counters are those of the committed generation, or of the latest when only old ones drain. A sum would fall when
/// an old generation has drained, and a counter that falls counts twice what is left. What is open now is a sum.
struct MeasuredService {
    /// The generation that speaks for the service.
    let status: ServiceStatus
    /// Open connections of all generations.
    let connections: Int
    /// Open tunnels of all generations.
    let openTunnels: Int

    /// Every service of a snapshot once, in the order in which their names first appear.
    static func all(of snapshot: Snapshot) -> [MeasuredService] {
        var order: [String] = []
        var generations: [String: [ServiceStatus]] = [:]
        for service in snapshot.services {
            if generations[service.name] == nil { order.append(service.name) }
            generations[service.name, default: []].append(service)
        }
        return order.compactMap { name in
            let all = generations[name] ?? []
            let latest = all.max { ($0.current ? 1 : 0, $0.generation) < ($1.current ? 1 : 0, $1.generation) }
            return latest.map { status in
                MeasuredService(
                    status: status,
                    connections: all.reduce(0) { $0 + $1.connections },
                    openTunnels: all.reduce(0) { $0 + ($1.bridge?.openTunnels ?? 0) }
                )
            }
        }
    }
}
