import Glibc
import ScenarioSupport

/// A folder of its own for one test, with a path short enough for a socket in it.
package enum TestFolder {
    package static func make() throws -> String {
        var template = Array("/tmp/test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ScenarioFailure("cannot make a folder: \(SystemError.text(errno))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with everything in it.
    package static func remove(_ path: String) {
        FileText.removeTree(path)
    }
}
