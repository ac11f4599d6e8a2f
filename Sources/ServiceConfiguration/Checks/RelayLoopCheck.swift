import Addresses

/// Finds services that relay in a circle: to their own address, or over others back to themselves.
struct RelayLoopCheck {
    private enum Transport {
        case stream
        case datagrams
    }

    /// A part of a circle: an instance, or the member of a pool over which it goes.
    private struct Relay {
        var name: String
        /// Where its destination is written.
        var position: SourcePosition?
    }

    let log: DiagnosticLog

    func check(_ services: [ServiceOutline], pools: [PoolSettings]) {
        let instances = services.filter(\.settings.isEnabled).flatMap(\.instances)
        check(instances, pools: pools, through: .stream)
        check(instances, pools: pools, through: .datagrams)
    }

    /// The nodes are the instances, then the pools.
    private func check(_ instances: [ServiceOutline.Instance], pools: [PoolSettings], through transport: Transport) {
        var owners: [ListenAddress: Int] = [:]
        for (index, instance) in instances.enumerated() {
            for listen in instance.listen where owners[listen.value] == nil { owners[listen.value] = index }
        }
        func owner(of destination: Destination) -> Int? {
            candidates(for: destination, through: transport).lazy.compactMap { owners[$0] }.first
        }
        let numbers = Dictionary(
            pools.enumerated().map { ($0.element.name, instances.count + $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        let fromInstances = instances.map { instance -> [Int] in
            switch instance.target {
            case .destination(let destination)?: [owner(of: destination.value)].compactMap { $0 }
            case .pool(let name)?: [numbers[name.value]].compactMap { $0 }
            case nil: []
            }
        }
        let fromPools = pools.map { pool in
            pool.members.compactMap { member in
                owner(of: .host(member.host, port: member.port)).map { (member: member.id, owner: $0) }
            }
        }
        _ = DepthFirstWalk(edges: fromInstances + fromPools.map { $0.map(\.owner) }) { circle in
            report(
                circle.map { step in
                    guard step.node >= instances.count else {
                        let instance = instances[step.node]
                        return Relay(name: instance.name, position: instance.target?.position)
                    }
                    let pool = step.node - instances.count
                    let position = pools[pool].position.position
                    return Relay(name: fromPools[pool][step.edge].member, position: position)
                }
            )
        }
    }

    private func report(_ circle: [Relay]) {
        guard let last = circle.last, let position = last.position else { return }
        let path = Wording.circle(circle, name: \.name)
        log.report(position, "cannot relay in a circle: \(path); choose another destination for `\(last.name)`")
    }

    /// The addresses on this machine that accept what is sent to a destination.
    private func candidates(for destination: Destination, through transport: Transport) -> [ListenAddress] {
        switch destination {
        case .unix(let path): return transport == .stream ? [.unix(path: path)] : []
        case .host(let host, let port):
            let name = host.lowercased()
            let isLocalName = name == "localhost" || name == "localhost."
            let hosts = isLocalName ? [IPAddress("127.0.0.1"), IPAddress("::1")] : [IPAddress(host)]
            return hosts.compactMap { $0?.unmapped }.flatMap { self.hosts(reaching: $0) }.map { host in
                transport == .stream ? .tcp(host, port: port) : .udp(host, port: port)
            }
        }
    }

    private func hosts(reaching host: IPAddress) -> [IPAddress] {
        let wildcard: IPAddress
        let loopback: IPAddress
        switch host {
        case .v4: (wildcard, loopback) = (.v4(0), .v4(0x7f00_0001))
        case .v6: (wildcard, loopback) = (.v6(Array(repeating: 0, count: 8)), .v6([0, 0, 0, 0, 0, 0, 0, 1]))
        }
        // To connect to a wildcard is to connect to loopback.
        let exact = host.isWildcard ? loopback : host
        return host.isLoopback || host.isWildcard ? [exact, wildcard] : [exact]
    }
}
