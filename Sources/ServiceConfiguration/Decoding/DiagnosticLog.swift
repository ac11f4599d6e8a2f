import YAML

/// Collects the diagnostics of a file, and of those that it includes, while they are read.
///
/// One place has one diagnostic, the first: what follows from a mistake at the same place is not worth reading. A
/// message is made only while it would be listed, because finding out what somebody meant takes time.
final class DiagnosticLog {
    /// More than anybody repairs at once; a broken generator can make thousands.
    private static let limit = 100

    /// The paths of the files by their numbers in positions.
    private var files: [String]
    /// False when a file could not be read: what seems to be defined nowhere may be defined there.
    var isComplete = true
    /// The first places in the order of the files, at most as many as are listed.
    private var messages: [Position: String] = [:]
    /// The places after those.
    private var hidden: Set<Position> = []
    /// The last of the listed places, once there are as many as can be.
    private var last: Position?

    init(file: String) {
        files = [file]
    }

    /// Gives a file the next number.
    func add(file: String) { files.append(file) }

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
        let source = files.firstIndex(of: position.file) ?? 0
        report(Position(source: source, line: position.line, column: position.column), message())
    }

    /// Reports that a name is defined nowhere, unless that cannot be known.
    func reportMissing(_ position: Position, _ message: @autoclosure () -> String) {
        if isComplete { report(position, message()) }
    }

    func source(_ position: Position) -> SourcePosition {
        SourcePosition(file: files[position.source], line: position.line, column: position.column)
    }

    /// Everything reported, in the order of the files.
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
