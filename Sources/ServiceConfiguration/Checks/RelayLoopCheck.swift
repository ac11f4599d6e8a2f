import Addresses

/// Finds services that relay in a circle: to their own address, or over others back to themselves.
struct RelayLoopCheck {
    let log: DiagnosticLog

    func check(_ services: [ServiceOutline]) {
        let instances = services.filter(\.settings.isEnabled).flatMap(\.instances)
        var owners: [ListenAddress: Int] = [:]
        for (index, instance) in instances.enumerated() {
            for listen in instance.listen where owners[listen.value] == nil { owners[listen.value] = index }
        }
        let next = instances.map { instance in
            instance.target.flatMap { target in
                candidates(for: target.value).lazy.compactMap { owners[$0] }.first
            }
        }
        var seen = Array(repeating: -1, count: instances.count)
        for start in instances.indices {
            var path: [Int] = []
            var current: Int? = start
            while let index = current, seen[index] == -1 {
                seen[index] = start
                path.append(index)
                current = next[index]
            }
            guard let current, seen[current] == start, let begin = path.firstIndex(of: current) else { continue }
            report(path[begin...].map { instances[$0] })
        }
    }

    private func report(_ circle: [ServiceOutline.Instance]) {
        guard let last = circle.last, let target = last.target else { return }
        let path = Wording.circle(circle, name: \.name)
        log.report(target.position, "cannot relay in a circle: \(path); choose another destination for `\(last.name)`")
    }

    /// The addresses on this machine that accept what is sent to a destination.
    private func candidates(for destination: Destination) -> [ListenAddress] {
        switch destination {
        case .unix(let path): return [.unix(path: path)]
        case .host(let host, let port):
            let name = host.lowercased()
            let isLocalName = name == "localhost" || name == "localhost."
            let hosts = isLocalName ? [IPAddress("127.0.0.1"), IPAddress("::1")] : [IPAddress(host)]
            return hosts.compactMap { $0 }.flatMap { addresses(of: $0, port: port) }
        }
    }

    private func addresses(of host: IPAddress, port: UInt16) -> [ListenAddress] {
        let wildcard: IPAddress
        let loopback: IPAddress
        switch host {
        case .v4: (wildcard, loopback) = (.v4(0), .v4(0x7f00_0001))
        case .v6: (wildcard, loopback) = (.v6(Array(repeating: 0, count: 8)), .v6([0, 0, 0, 0, 0, 0, 0, 1]))
        }
        // To connect to a wildcard is to connect to loopback.
        let exact = ListenAddress.tcp(host.isWildcard ? loopback : host, port: port)
        return host.isLoopback || host.isWildcard ? [exact, .tcp(wildcard, port: port)] : [exact]
    }
}
