/// The answer of `supervisor connections`.
package enum ConnectionsText {
    private static let columns = [
        TextTable.Column(title: "SERVICE"), TextTable.Column(title: "CLIENT", rank: 4),
        TextTable.Column(title: "SINCE", rank: 1, isRight: true),
        TextTable.Column(title: "IN", rank: 2, isRight: true), TextTable.Column(title: "OUT", rank: 2, isRight: true),
        TextTable.Column(title: "GEN", rank: 3, isRight: true),
    ]

    package static func lines(_ list: ConnectionList, style: TextStyle) -> [String] {
        guard !list.connections.isEmpty else { return ["no open connections"] }
        let rows = list.connections.map { connection in
            TextTable.Row(
                cells: [
                    .init(connection.service), .init(connection.client, words: connection.client),
                    .init(Span.text(connection.seconds), words: "for \(Span.text(connection.seconds))"),
                    .init(ByteCount.text(connection.received), words: "in \(ByteCount.text(connection.received))B"),
                    .init(ByteCount.text(connection.sent), words: "out \(ByteCount.text(connection.sent))B"),
                    .init("\(connection.generation)", words: "generation \(connection.generation)"),
                ],
                notes: [Phrase(connection.purpose ?? ""), Phrase(connection.draining ? "draining" : "", .busy)]
            )
        }
        let omitted = list.omitted > 0 ? ["and \(list.omitted) more"] : []
        return TextTable(columns, rows, style: style).lines + omitted
    }
}
