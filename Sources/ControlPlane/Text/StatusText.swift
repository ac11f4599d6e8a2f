/// The answer of `supervisor status`: what the daemon does, and the tree.
package struct StatusText {
    private let snapshot: Snapshot
    private let style: TextStyle

    package init(_ snapshot: Snapshot, style: TextStyle) {
        self.snapshot = snapshot
        self.style = style
    }

    package var lines: [String] {
        var lines = StatusHeader(snapshot, style: style).lines
        var rows: [TextTable.Row] = []
        let roots = StatusTree(snapshot).roots
        for (index, node) in roots.enumerated() {
            add(node, to: &rows, trunk: "", isLast: index == roots.count - 1)
        }
        guard !rows.isEmpty else { return lines }
        lines.append("")
        return lines + TextTable(Self.columns, rows, style: style).lines
    }

    private static let columns = [
        TextTable.Column(title: "NAME"),
        TextTable.Column(title: "STATE"),
        TextTable.Column(title: "SINCE", rank: 1, isRight: true),
        TextTable.Column(title: "RESTARTS", rank: 3, isRight: true),
        TextTable.Column(title: "GEN", rank: 5, isRight: true),
        TextTable.Column(title: "CONNS", rank: 2, isRight: true),
        TextTable.Column(title: "IN/S", rank: 4, isRight: true),
        TextTable.Column(title: "OUT/S", rank: 4, isRight: true),
    ]

    private func add(_ node: StatusTree.Node, to rows: inout [TextTable.Row], trunk: String, isLast: Bool) {
        let lead = trunk + (isLast ? style.lastBranch : style.branch)
        // Groups in groups may be deeper than a terminal is wide.
        let isDeep = trunk.count > style.width / 3
        let inner = trunk + (isDeep ? "" : isLast ? style.noTrunk : style.trunk)
        switch node {
        case .group(let group, let members):
            rows.append(
                TextTable.Row(
                    lead: lead,
                    hang: inner,
                    cells: [.init(group.name, .strong), .init(group.strategy, .quiet)]
                )
            )
            for (index, member) in members.enumerated() {
                add(member, to: &rows, trunk: inner, isLast: index == members.count - 1)
            }
        case .service(let service, let older):
            rows.append(row(service, lead: lead, hang: inner + (older.isEmpty ? style.noTrunk : style.trunk)))
            for (index, old) in older.enumerated() {
                let isLast = index == older.count - 1
                rows.append(
                    row(
                        old,
                        name: "generation \(old.generation)",
                        lead: inner + (isLast ? style.lastBranch : style.branch),
                        hang: inner + (isLast ? style.noTrunk : style.trunk) + style.noTrunk
                    )
                )
            }
        }
    }

    private func row(_ service: ServiceStatus, name: String? = nil, lead: String, hang: String) -> TextTable.Row {
        let connections = service.connectionLimit.map { "\(service.connections)/\($0)" }
        let isProcess = service.traffic == nil && service.connectionLimit == nil
        let received = service.traffic?.receivedPerSecond ?? 0
        let sent = service.traffic?.sentPerSecond ?? 0
        return TextTable.Row(
            lead: lead,
            hang: hang,
            cells: [
                .init(name ?? service.name),
                .init(service.state, Self.colour(of: service)),
                .init(Span.text(service.stateSeconds), words: "for \(Span.text(service.stateSeconds))"),
                .init(
                    "\(service.restarts)",
                    words: service.restarts > 0 ? Count.text(service.restarts, "restart") : nil
                ),
                .init("\(service.generation)", words: name == nil ? "generation \(service.generation)" : nil),
                .init(
                    isProcess ? "" : connections ?? "\(service.connections)",
                    words: isProcess
                        ? nil : connections.map { "\($0) connections" } ?? Count.text(service.connections, "connection")
                ),
                .init(
                    service.traffic == nil ? "" : ByteCount.text(received),
                    words: received > 0 ? "in \(ByteCount.text(received))B/s" : nil
                ),
                .init(
                    service.traffic == nil ? "" : ByteCount.text(sent),
                    words: sent > 0 ? "out \(ByteCount.text(sent))B/s" : nil
                ),
            ],
            details: ServiceFacts.phrases(service)
        )
    }

    private static func colour(of service: ServiceStatus) -> Colour? {
        switch service.state {
        case "ready", "running": service.condition == .fine ? .good : .bad
        case "failed": .bad
        case "stopped", "created": .quiet
        case _: .busy
        }
    }
}
