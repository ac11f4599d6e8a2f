import YAML

/// Builds the pools of a file.
struct PoolDecoder {
    /// What tells two members of an exclusive pool apart.
    private struct Identity: Hashable {
        var host: String
        var port: UInt16
        var username: Secret?
    }

    let decoder: Decoder

    private var log: DiagnosticLog { decoder.log }

    /// The pools by name; nil stands for one that was reported.
    func pools(_ entries: [Node.Entry]) -> [String: PoolSettings?] {
        var pools: [String: PoolSettings?] = [:]
        for entry in entries { pools[entry.key] = .some(pool(entry)) }
        return pools
    }

    private func pool(_ entry: Node.Entry) -> PoolSettings? {
        let fields = Fields(entry.value)
        let allocation =
            fields.mentions("allocation", in: Schema.pool)
            ? fields.text("allocation").flatMap(PoolSettings.Allocation.init) : .exclusive
        guard let list = fields["members"], case .sequence(let nodes) = list.content, !nodes.isEmpty else { return nil }
        let expander = decoder.expander(addresses: ServiceAddresses())
        var members: [UpstreamProxy] = []
        var places: [Identity: SourcePosition] = [:]
        let upstreams = UpstreamDecoder(log: log, certificates: decoder.certificates)
        for (index, node) in nodes.enumerated() {
            let id = "\(entry.key)[\(index)]"
            guard let member = upstreams.upstream(node, id: id, expander: expander) else { continue }
            members.append(member)
            let identity = Identity(
                host: member.host.lowercased(),
                port: member.port,
                username: member.credential?.username
            )
            if let first = places[identity], allocation == .exclusive {
                let advice = "remove one of the two, or use `allocation: shared`"
                log.report(
                    node.position,
                    "cannot lend `\(id)` to one bridge at a time: it is the same as the member at \(first); \(advice)"
                )
            } else {
                places[identity] = log.source(node.position)
            }
        }
        guard let allocation, members.count == nodes.count else { return nil }
        let position = log.source(entry.keyPosition)
        return PoolSettings(name: entry.key, at: position, allocation: allocation, members: members)
    }
}
