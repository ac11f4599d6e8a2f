import Glibc
import ScenarioSupport

/// A folder for the sockets and outputs of one test, removed with the object.
final class SocketFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/supervisor-control-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ScenarioFailure("cannot make a folder: \(SystemError.text(errno))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in FileText.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var socket: String { path + "/control.sock" }
}
