/// The answer of `supervisor upstreams`: who goes out by what, then every pool with its members.
package enum UpstreamsText {
    private static let useColumns = [
        TextTable.Column(title: "SERVICE"), TextTable.Column(title: "UPSTREAM"),
        TextTable.Column(title: "OPEN", rank: 1, isRight: true),
        TextTable.Column(title: "TUNNELS", rank: 2, isRight: true),
        TextTable.Column(title: "REQUESTS", rank: 2, isRight: true),
    ]
    private static let memberColumns = [
        TextTable.Column(title: "MEMBER"), TextTable.Column(title: "STATE"),
        TextTable.Column(title: "ADDRESS", rank: 1),
    ]

    package static func lines(_ list: UpstreamList, style: TextStyle) -> [String] {
        guard !list.uses.isEmpty || !list.pools.isEmpty else { return ["no upstreams"] }
        var lines =
            list.uses.isEmpty ? [] : TextTable(useColumns, list.uses.map { row(of: $0) }, style: style).lines
        for pool in list.pools {
            if !lines.isEmpty { lines.append("") }
            lines += Paragraph.lines(
                [Phrase("pool \(pool.name)", .strong), Phrase(pool.allocation, .quiet)],
                width: style.width,
                style: style
            )
            lines += TextTable(memberColumns, pool.members.map { row(of: $0) }, style: style).lines
        }
        return lines
    }

    private static func row(of use: UpstreamList.Use) -> TextTable.Row {
        let bridge = use.bridge
        let failures = bridge.failures.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return TextTable.Row(
            hang: "    ",
            cells: [
                .init(use.service), .init(bridge.upstream ?? "none", bridge.trouble == nil ? nil : .bad),
                .init("\(bridge.openTunnels)", words: "\(bridge.openTunnels) open"),
                .init("\(bridge.tunnels)", words: Count.text(bridge.tunnels, "tunnel")),
                .init("\(bridge.requests)", words: Count.text(bridge.requests, "request")),
            ],
            details: [Phrase(bridge.trouble ?? "", .bad)],
            notes: failures.map { Phrase("\($0.key) \($0.value)", .busy) }
        )
    }

    private static func row(of member: PoolStatus.Member) -> TextTable.Row {
        var details: [Phrase] = []
        if !member.holders.isEmpty { details.append(Phrase("held by " + member.holders.joined(separator: ", "))) }
        if let trouble = member.trouble {
            let ago = member.troubleSeconds.map { " \(Span.text($0)) ago" } ?? ""
            details.append(Phrase(trouble + ago, member.state == .fine ? .quiet : .bad))
        }
        let colour: Colour =
            switch member.state {
            case .fine: .good
            case .cooling: .busy
            case .failed: .bad
            }
        return TextTable.Row(
            hang: "    ",
            cells: [
                .init(member.name), .init(member.state.rawValue, colour), .init(member.address, words: member.address),
            ],
            details: details
        )
    }
}
