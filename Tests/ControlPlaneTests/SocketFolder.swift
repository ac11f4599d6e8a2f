import TestSupport

/// A folder for the sockets and outputs of one test, removed with the object.
final class SocketFolder {
    let path: String

    init() throws {
        path = try TestFolder.make()
    }

    deinit { TestFolder.remove(path) }

    var socket: String { path + "/control.sock" }
}
