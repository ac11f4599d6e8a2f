import YAML

/// Collects the diagnostics of one file while it is read.
///
/// One place has one diagnostic, the first: what follows from a mistake at the same place is not worth reading.
final class DiagnosticLog {
    /// More than anybody repairs at once; a broken generator can make thousands.
    private static let limit = 100

    private let file: String
    private var messages: [Position: String] = [:]

    init(file: String) {
        self.file = file
    }

    func report(_ position: Position, _ message: String) {
        if messages[position] == nil { messages[position] = message }
    }

    /// Reports at a place that is already part of the model.
    func report(_ position: SourcePosition, _ message: String) {
        report(Position(line: position.line, column: position.column), message)
    }

    func source(_ position: Position) -> SourcePosition {
        SourcePosition(file: file, line: position.line, column: position.column)
    }

    /// Everything reported, in the order of the file.
    var diagnostics: [Diagnostic] {
        let ordered = messages.sorted { $0.key < $1.key }
        var shown = ordered.prefix(Self.limit).map { Diagnostic(at: source($0.key), $0.value) }
        if ordered.count > Self.limit {
            let rest = ordered[Self.limit]
            let hidden = ordered.count - Self.limit
            shown.append(
                Diagnostic(
                    at: source(rest.key),
                    "cannot list \(hidden) more diagnostics: repair the first ones and try again"
                )
            )
        }
        return shown
    }
}
