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

    /// - Parameters:
    ///   - services: Those that are enabled count.
    ///   - endpoints: Where the daemon itself answers, as far as the file says so.
    func check(_ services: [ServiceOutline], and endpoints: [ServiceSpecification]) {
        var exact: [ListenAddress: Owner] = [:]
        var wildcards: [Group: Owner] = [:]
        var members: [Group: Owner] = [:]
        let instances = services.lazy.filter(\.settings.isEnabled).flatMap(\.instances)
        let claims = endpoints.flatMap(owners) + instances.flatMap(owners)
        for claim in claims {
            let group = group(of: claim.address)
            let candidates = [exact[claim.address], group.flatMap { wildcards[$0] }, group.flatMap { members[$0] }]
            if let other = candidates.lazy.compactMap({ $0 }).first(where: { claim.address.overlaps($0.address) }) {
                report(claim, other: other)
                continue
            }
            exact[claim.address] = claim
            guard let group else { continue }
            members[group] = claim
            if isWildcard(claim.address) { wildcards[group] = claim }
        }
    }

    private func owners(_ instance: ServiceOutline.Instance) -> [Owner] {
        instance.listen.map { Owner(instance: instance.name, address: $0.value, position: $0.position) }
    }

    /// The default of the control socket is nobody's wish: a service that listens there may have it.
    private func owners(_ endpoint: ServiceSpecification) -> [Owner] {
        guard endpoint.essential, let kind = endpoint.endpoint else { return [] }
        return endpoint.listen.map { Owner(instance: kind.key, address: $0.value, position: $0.position) }
    }

    private func report(_ claim: Owner, other: Owner) {
        let holder =
            claim.address == other.address
            ? "`\(other.instance)` listens there at \(other.position)"
            : "`\(other.instance)` listens on \(other.address) at \(other.position)"
        let advice =
            claim.position == other.position
            ? "each instance needs an address of its own, as in `127.0.0.1:${8888 + instance}`"
            : "choose another address"
        log.report(claim.position, "cannot listen on \(claim.address) for `\(claim.instance)`: \(holder); \(advice)")
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
