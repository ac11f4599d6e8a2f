import YAML

/// Collects the diagnostics of one file while it is read.
///
/// One place has one diagnostic, the first: what follows from a mistake at the same place is not worth reading. A
/// message is made only while it would be listed, because finding out what somebody meant takes time.
final class DiagnosticLog {
    /// More than anybody repairs at once; a broken generator can make thousands.
    private static let limit = 100

    private let file: String
    /// The first places in the order of the file, at most as many as are listed.
    private var messages: [Position: String] = [:]
    /// The places after those.
    private var hidden: Set<Position> = []
    /// The last of the listed places, once there are as many as can be.
    private var last: Position?

    init(file: String) {
        self.file = file
    }

    func report(_ position: Position, _ message: @autoclosure () -> String) {
        guard messages[position] == nil else { return }
        if let last, position > last {
            hidden.insert(position)
            return
        }
        messages[position] = message()
        if let last {
            messages[last] = nil
            hidden.insert(last)
        }
        if messages.count == Self.limit { last = messages.keys.max() }
    }

    /// Reports at a place that is already part of the model.
    func report(_ position: SourcePosition, _ message: @autoclosure () -> String) {
        report(Position(line: position.line, column: position.column), message())
    }

    func source(_ position: Position) -> SourcePosition {
        SourcePosition(file: file, line: position.line, column: position.column)
    }

    /// Everything reported, in the order of the file.
    var diagnostics: [Diagnostic] {
        var shown = messages.sorted { $0.key < $1.key }.map { Diagnostic(at: source($0.key), $0.value) }
        if let next = hidden.min() {
            shown.append(
                Diagnostic(
                    at: source(next),
                    "cannot list \(hidden.count) more diagnostics: repair the first ones and try again"
                )
            )
        }
        return shown
    }
}
