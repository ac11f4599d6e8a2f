import Glibc
package import ServiceConfiguration

/// The folder of the default control socket, on the disk.
package enum ControlSocketFolder {
    /// Why a folder cannot have the socket.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package var description: String

        init(_ folder: String, _ reason: String) {
            description =
                "cannot use the folder \(folder) for the control socket: \(reason); remove it, or name another "
                + "path as `control.socket`"
        }
    }

    /// Makes the folder when it is missing, and makes sure that nobody else can put a socket there.
    ///
    /// - Throws: `Problem`; nothing has been changed then.
    package static func prepare(_ path: ControlSocketPath, userID: UInt32 = geteuid()) throws(Problem) {
        switch path.kind {
        case .given: return
        case .runtime, .temporary: break
        }
        if mkdir(path.folder, 0o700) != 0, errno != EEXIST {
            throw Problem(path.folder, "it cannot be made: " + String(cString: strerror(errno)))
        }
        try check(path, userID: userID)
    }

    /// Makes sure that the socket there is the user's own: a command must not talk to somebody else's.
    ///
    /// - Throws: `Problem` when the folder is missing, is a symbolic link, or is open to others.
    package static func check(_ path: ControlSocketPath, userID: UInt32 = geteuid()) throws(Problem) {
        switch path.kind {
        case .given: return
        case .runtime, .temporary: break
        }
        var status = stat()
        guard lstat(path.folder, &status) == 0 else {
            throw Problem(path.folder, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Problem(path.folder, "it is no folder") }
        guard status.st_uid == userID else { throw Problem(path.folder, "it belongs to user \(status.st_uid)") }
        guard status.st_mode & 0o077 == 0 else { throw Problem(path.folder, "others may open it; it needs mode 0700") }
    }
}
