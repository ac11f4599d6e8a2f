import Addresses

/// Finds addresses that two services, or two instances of one, want at the same time.
struct AddressCheck {
    /// A transport, a family and a port: only addresses with all in common can overlap.
    private struct Group: Hashable {
        var isDatagram: Bool
        var isIPv6: Bool
        var port: UInt16
    }

    private struct Owner {
        var instance: String
        var address: ListenAddress
        var position: SourcePosition
    }

    let log: DiagnosticLog

    func check(_ services: [ServiceOutline]) {
        var exact: [ListenAddress: Owner] = [:]
        var wildcards: [Group: Owner] = [:]
        var members: [Group: Owner] = [:]
        for service in services where service.settings.isEnabled {
            for instance in service.instances {
                for listen in instance.listen {
                    let address = listen.value
                    let group = group(of: address)
                    let candidates = [exact[address], group.flatMap { wildcards[$0] }, group.flatMap { members[$0] }]
                    if let other = candidates.lazy.compactMap({ $0 }).first(where: { address.overlaps($0.address) }) {
                        report(listen, of: instance, other: other)
                        continue
                    }
                    let owner = Owner(instance: instance.name, address: address, position: listen.position)
                    exact[address] = owner
                    guard let group else { continue }
                    members[group] = owner
                    if isWildcard(address) { wildcards[group] = owner }
                }
            }
        }
    }

    private func report(_ listen: Located<ListenAddress>, of instance: ServiceOutline.Instance, other: Owner) {
        let holder =
            listen.value == other.address
            ? "`\(other.instance)` listens there at \(other.position)"
            : "`\(other.instance)` listens on \(other.address) at \(other.position)"
        let advice =
            listen.position == other.position
            ? "each instance needs an address of its own, as in `127.0.0.1:${8888 + instance}`"
            : "choose another address"
        log.report(listen.position, "cannot listen on \(listen.value) for `\(instance.name)`: \(holder); \(advice)")
    }

    private func group(of address: ListenAddress) -> Group? {
        switch address {
        case .tcp(.v4, let port): Group(isDatagram: false, isIPv6: false, port: port)
        case .tcp(.v6, let port): Group(isDatagram: false, isIPv6: true, port: port)
        case .udp(.v4, let port): Group(isDatagram: true, isIPv6: false, port: port)
        case .udp(.v6, let port): Group(isDatagram: true, isIPv6: true, port: port)
        case .unix: nil
        }
    }

    private func isWildcard(_ address: ListenAddress) -> Bool {
        switch address {
        case .tcp(let host, _), .udp(let host, _): host.isWildcard
        case .unix: false
        }
    }
}
