/// The answer of `supervisor rotate`.
package enum RotationText {
    package static func lines(_ document: RotationDocument, style: TextStyle) -> [String] {
        document.rotations.flatMap { entry in
            Paragraph.lines(
                [Phrase("\(entry.service): \(words(of: entry))", entry.outcome == .moved ? .good : .busy)],
                width: style.width,
                style: style
            )
        }
    }

    private static func words(of entry: RotationDocument.Entry) -> String {
        let upstream = entry.upstream.map { " to \($0)" } ?? ""
        let stays = entry.upstream.map { ", stays at \($0)" } ?? ""
        return switch entry.outcome {
        case .moved: "moved\(upstream)"
        case .nothingFree: "no other member is free\(stays)"
        case .notPooled: "has no pool\(stays)"
        case .busy: "a load is under way, try again\(stays)"
        }
    }
}
