import Logging
import ServiceConfiguration

/// One log event as the text of one line, in each of the formats.
///
/// Pure. Control characters are escaped, so nothing that came over the wire can begin a line of its own.
struct LogLine {
    var time: String
    var level: Logger.Level
    var message: String
    var metadata: Logger.Metadata

    func rendered(as format: LogSettings.Format) -> String {
        switch format {
        case .text: "\(time) \(level.rawValue) \(escaped(message))\(pairs)\n"
        case .journal: "<\(priority)>\(escaped(message))\(pairs)\n"
        case .json: json + "\n"
        }
    }

    /// The syslog priority that sd-daemon(3) puts before a line.
    private var priority: Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    /// ` service=echo key=value`, values with spaces quoted.
    private var pairs: String {
        fields.map { key, value in
            let value = escaped(value)
            let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
            return " \(key)=\(isPlain ? value : "\"\(value.replacing("\"", with: "\\\""))\"")"
        }.joined()
    }

    private var json: String {
        let all = [("time", time), ("level", level.rawValue), ("message", message)] + fields
        return JSONValue.object(all.map { ($0, .string($1)) }).compact
    }

    /// The metadata as text; the service first, because that is what a reader looks for.
    private var fields: [(String, String)] {
        metadata.map { ($0.key, "\($0.value)") }
            .sorted { ($0.0 == "service" ? "" : $0.0) < ($1.0 == "service" ? "" : $1.0) }
    }

    private func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: Self.isControl) else { return text }
        return text.unicodeScalars.map { Self.isControl($0) ? Self.escape($0) : String($0) }.joined()
    }

    /// C0 and C1 controls and DEL; the line and paragraph separators too, which some readers take for a line's end.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
