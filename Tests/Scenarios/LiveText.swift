import Glibc
import ScenarioSupport
import Testing

/// What a verb wrote on a terminal, without colours and with placeholders for what changes from run to run.
struct LiveText {
    /// As the terminal shows it.
    let shown: String
    private let ports: [UInt16]

    init(_ sent: String, ports: [UInt16]) {
        var text = sent.replacing("\r\n", with: "\n")
        // The progress of a wait, on a machine that is slow enough, which the verb took away again.
        text.replace(/[^\n]*\r\u{1b}\[K/, with: "")
        shown = text.replacing(/\u{1b}\[[0-9;]*[A-Za-z]/, with: "")
        self.ports = ports
    }

    var lines: [String] { shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// With placeholders; ports, times and columns keep their width.
    var stable: String {
        var text = shown
        for (index, port) in ports.enumerated() { text = text.replacing(":\(port)", with: ":PORT\(index)") }
        text.replace(/127\.0\.0\.1:[0-9]{5}/, with: "127.0.0.1:PORTx")
        text.replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z/, with: "YYYY-MM-DDTHH:MM:SS.mmmZ")
        text.replace(/(?<word>(pid|process)\s+)[0-9]+/) { "\($0.word)PID" }
        text.replace(/(?<blanks> {2,})(?<time>([0-9]+(\.[0-9]+)?(ms|[smhd]))+)\b/) { match in
            let width = match.blanks.count + match.time.count
            return String(repeating: " ", count: max(width - 4, 1)) + "TIME"
        }
        text.replace(/\b([0-9]+(\.[0-9]+)?(ms|[smhd]))+\b/, with: "TIME")
        // The digits before it decide whether the file has a line of its own.
        return text.replacing("PID · services.yaml", with: "PID\n  services.yaml")
    }

    /// The same for events: services start beside each other, so their order is another in each run.
    var stableEvents: String {
        var events: [String] = []
        for line in stable.split(separator: "\n") {
            if line.hasPrefix(" "), let last = events.indices.last {
                events[last] += "\n" + line
            } else {
                events.append(String(line))
            }
        }
        return events.sorted().map { $0 + "\n" }.joined()
    }

    /// Compares with a file of `Expected`; with RECORD_EXPECTED=1 in the environment writes it instead.
    static func expect(_ text: String, in name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Expected"
        if getenv("RECORD_EXPECTED") != nil { try FileText.write(text, to: folder + "/" + name) }
        #expect(
            text == FileText.readIfPresent(folder + "/" + name),
            "\(name) is different: record it with RECORD_EXPECTED=1, and read it"
        )
    }
}
