import Glibc
import ScenarioSupport
import Testing

/// The files of expected output beside this file.
enum Golden {
    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast()
        return parts.map { "/\($0)" }.joined() + "/Golden"
    }()

    static func expect(_ text: String, in name: String) throws {
        let path = "\(folder)/\(name)"
        if getenv("RECORD_EXPECTED") != nil { try FileText.write(text, to: path) }
        #expect(
            text == (try FileText.read(path)),
            "\(name) is different: record it with RECORD_EXPECTED=1, and read it"
        )
    }

    /// The columns that a line of the samples takes, counted in a plainer way than the program does.
    static func width(of line: String) -> Int {
        line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2e80 ? 2 : 1) }
    }
}
